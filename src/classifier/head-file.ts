import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { deserialize, serialize } from 'node:v8';
import { replaceFile } from '../replace-file.ts';
import type { LinearHead } from './linear-head.ts';
import type { TrainingSettings } from './train-head.ts';

/** What a head was fitted on and how; one fitted on anything else is not used. */
export interface Provenance {
  readonly encoderHash: string;
  readonly exampleSetHash: string;
  readonly settings: TrainingSettings;
}

/** Goes up whenever the features or the training change. */
const formatVersion = 6;
const checksumBytes = 32;

/** Replaces the file as a whole, or throws and leaves everything as it was. */
export function saveHead(path: string, head: LinearHead, provenance: Provenance): void {
  const content = serialize({ formatVersion, provenance, head });
  replaceFile(path, Buffer.concat([checksumOf(content), content]));
}

export interface StoredHead {
  readonly head: LinearHead;
  /** False: it was fitted on another set of examples, with the same encoder and settings. */
  readonly isOfTheseExamples: boolean;
}

/** The stored head; undefined when there is none, it is damaged, or it was made by another encoder or with other settings. */
export function loadHead(path: string, provenance: Provenance): StoredHead | undefined {
  try {
    const file = readFileSync(path);
    const content = file.subarray(checksumBytes);
    if (!checksumOf(content).equals(file.subarray(0, checksumBytes))) return undefined;
    const stored = deserialize(content);
    const { exampleSetHash } = stored.provenance;
    const isUsable =
      stored.formatVersion === formatVersion &&
      isDeepStrictEqual(stored.provenance, { ...provenance, exampleSetHash });
    if (!isUsable) return undefined;
    return { head: stored.head, isOfTheseExamples: exampleSetHash === provenance.exampleSetHash };
  } catch {
    return undefined;
  }
}

function checksumOf(content: Buffer): Buffer {
  return createHash('sha256').update(content).digest();
}
