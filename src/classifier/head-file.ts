import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { replaceFile } from '../replace-file.ts';
import { tableOfSorted } from './feature-table.ts';
import { blocksOf, type LinearHead } from './linear-head.ts';
import type { TrainingSettings } from './train-head.ts';

/** What a head was fitted on and how; one fitted on anything else is not used. */
export interface Provenance {
  readonly encoderHash: string;
  readonly exampleSetHash: string;
  readonly settings: TrainingSettings;
}

/** The first line of the file, after the checksum. */
interface Header {
  readonly formatVersion: number;
  readonly provenance: Provenance;
  readonly shape: Pick<LinearHead, 'classNames' | 'dimensions' | 'readsContext' | 'scales'>;
  readonly features: number;
}

/** Goes up whenever the features or the training change. */
const formatVersion = 9;
const checksumBytes = 32;
/** Where numbers of 32 bits may begin. */
const alignment = 4;

/** Replaces the file as a whole, or throws and leaves everything as it was. */
export function saveHead(path: string, head: LinearHead, provenance: Provenance): void {
  const { classNames, dimensions, readsContext, scales, vocabulary } = head;
  const shape = { classNames, dimensions, readsContext, scales };
  const features = vocabulary.ids.length;
  const line = JSON.stringify({ formatVersion, provenance, shape, features } satisfies Header);
  const length = Math.ceil((Buffer.byteLength(line) + 1) / alignment) * alignment;
  const header = Buffer.alloc(length, ' ');
  header.write(line);
  header.write('\n', length - 1);
  const arrays = [
    vocabulary.ids,
    head.rarity,
    head.sparseUnits,
    head.denseWeights,
    head.bias,
    head.sparseWeights,
  ];
  const content = Buffer.concat([header, ...arrays.map(bytesOf)]);
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
    const headerEnd = content.indexOf('\n') + 1;
    const header: Header = JSON.parse(content.toString('utf8', 0, headerEnd));
    if (header.formatVersion !== formatVersion) return undefined;
    const { exampleSetHash } = header.provenance;
    if (!isDeepStrictEqual(header.provenance, { ...provenance, exampleSetHash })) return undefined;
    return {
      head: readHead(header, content.subarray(headerEnd)),
      isOfTheseExamples: exampleSetHash === provenance.exampleSetHash,
    };
  } catch {
    return undefined;
  }
}

/** Its numbers stay where they were read: views of the bytes, not copies. */
function readHead({ shape, features }: Header, bytes: Buffer): LinearHead {
  const classes = shape.classNames.length;
  let offset = bytes.byteOffset;
  const take = <T>(
    ArrayOf: {
      new (buffer: ArrayBufferLike, offset: number, length: number): T;
      BYTES_PER_ELEMENT: number;
    },
    length: number,
  ): T => {
    const array = new ArrayOf(bytes.buffer, offset, length);
    offset += length * ArrayOf.BYTES_PER_ELEMENT;
    return array;
  };
  return {
    ...shape,
    vocabulary: tableOfSorted(take(Int32Array, features)),
    rarity: take(Float32Array, features),
    sparseUnits: take(Float32Array, features),
    denseWeights: take(Float32Array, classes * blocksOf(shape) * shape.dimensions),
    bias: take(Float32Array, classes),
    sparseWeights: take(Int8Array, features * classes),
  };
}

function bytesOf({ buffer, byteOffset, byteLength }: NodeJS.TypedArray): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function checksumOf(content: Buffer): Buffer {
  return createHash('sha256').update(content).digest();
}
