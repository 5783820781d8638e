import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { messageOf } from '../errors.ts';

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
  const path = pathIn(dataDir);
  const next = `${path}.next`;
  writeFileSync(next, `${JSON.stringify(Object.fromEntries(models))}\n`, { flush: true });
  renameSync(next, path);
}

function pathIn(dataDir: string): string {
  return join(dataDir, 'isolated-models.json');
}
