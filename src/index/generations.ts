import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../errors.ts';
import type { HnswIndex, HnswLibrary } from './hnsw-index.ts';
import { findMismatch, type Manifest, manifestSchema, type Origin, sha256 } from './manifest.ts';

const pointer = 'current';

export type Found =
  | { readonly kind: 'found'; readonly manifest: Manifest; readonly directory: string }
  | { readonly kind: 'none'; readonly reason: string };

/** The manifest that `current` points to, if its generation is readable. */
export function readCurrent(indexDir: string): Found {
  try {
    const name = readFileSync(join(indexDir, pointer), 'utf8').trim();
    if (!/^[\w-]+$/.test(name)) return { kind: 'none', reason: 'its pointer is damaged' };
    const directory = join(indexDir, name);
    const content = JSON.parse(readFileSync(join(directory, 'manifest.json'), 'utf8'));
    const parsed = manifestSchema.safeParse(content);
    return parsed.success
      ? { kind: 'found', manifest: parsed.data, directory }
      : { kind: 'none', reason: 'its manifest is of another version or damaged' };
  } catch (error) {
    const isAbsent = messageOf(error).startsWith('ENOENT');
    return { kind: 'none', reason: isAbsent ? 'there is none yet' : messageOf(error) };
  }
}

export type Opened =
  | {
      readonly kind: 'opened';
      readonly index: HnswIndex;
      readonly exampleIds: readonly (string | null)[];
    }
  | { readonly kind: 'unusable'; readonly reason: string };

/** Opens the current generation's graph if it is whole and was made with `origin`. */
export async function openCurrent(
  indexDir: string,
  origin: Origin,
  library: HnswLibrary,
): Promise<Opened> {
  const current = readCurrent(indexDir);
  if (current.kind === 'none') return { kind: 'unusable', reason: current.reason };
  const { manifest, directory } = current;
  const mismatch = findMismatch(manifest, origin);
  if (mismatch !== undefined) return { kind: 'unusable', reason: mismatch };
  try {
    const path = join(directory, 'index.hnsw');
    if (sha256(readFileSync(path)) !== manifest.indexSha256) {
      return { kind: 'unusable', reason: 'its file is damaged' };
    }
    const { exampleIds } = manifest;
    const labels = exampleIds.flatMap((id, label) => (id === null ? [] : [label]));
    const index = await library.open({ path, dimensions: origin.dimensions, labels });
    return { kind: 'opened', index, exampleIds };
  } catch (error) {
    return { kind: 'unusable', reason: messageOf(error) };
  }
}

/**
 * Writes a complete generation beside the others, makes it current, then drops the older ones. The exact
 * index leaves a manifest only: it tells a running server that there is something new.
 */
export async function writeGeneration(
  indexDir: string,
  graph: HnswIndex | undefined,
  facts: Omit<Manifest, 'formatVersion' | 'indexSha256'>,
): Promise<void> {
  const name = randomUUID();
  const directory = join(indexDir, name);
  mkdirSync(directory, { recursive: true });
  const path = join(directory, 'index.hnsw');
  await graph?.save(path);
  const manifest: Manifest = {
    formatVersion: 2,
    ...facts,
    ...(graph && { indexSha256: sha256(readFileSync(path)) }),
  };
  writeFileSync(join(directory, 'manifest.json'), JSON.stringify(manifest), { flush: true });

  const renamed = join(indexDir, pointer);
  writeFileSync(`${renamed}.${name}`, name, { flush: true });
  renameSync(`${renamed}.${name}`, renamed);
  for (const other of readdirSync(indexDir)) {
    if (other !== name && other !== pointer) {
      rmSync(join(indexDir, other), { recursive: true, force: true });
    }
  }
}
