import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { messageOf } from '../errors.ts';
import { replaceFile } from '../replace-file.ts';

const fileSchema = z.record(z.string(), z.string());

/** The models that an operator has put aside, each with the reason. */
export type IsolatedModels = ReadonlyMap<string, string>;

export type ReadIsolated =
  | { readonly kind: 'read'; readonly models: IsolatedModels }
  | { readonly kind: 'damaged'; readonly reason: string };

/** What a data directory says; nothing when nobody has isolated a model there. */
export function readIsolated(dataDir: string): ReadIsolated {
  try {
    const text = readFileSync(pathIn(dataDir), 'utf8');
    return { kind: 'read', models: new Map(Object.entries(fileSchema.parse(JSON.parse(text)))) };
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      return { kind: 'read', models: new Map() };
    }
    return { kind: 'damaged', reason: messageOf(error) };
  }
}

/** Replaces it as a whole, so that nobody ever reads half of it. Throws as the file system does. */
export function writeIsolated(dataDir: string, models: IsolatedModels): void {
  replaceFile(pathIn(dataDir), `${JSON.stringify(Object.fromEntries(models))}\n`);
}

function pathIn(dataDir: string): string {
  return join(dataDir, 'isolated-models.json');
}
