import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { messageOf } from '../errors.ts';

const holderSchema = z.object({ pid: z.int().positive(), url: z.string().optional() });

/** The process that owns a data directory, and where it listens if it serves. */
export type LockHolder = z.infer<typeof holderSchema>;

export type LockResult =
  | { readonly kind: 'held'; announce(url: string): void; release(): void }
  | { readonly kind: 'taken'; readonly holder: LockHolder }
  | { readonly kind: 'unwritable'; readonly reason: string };

/** One process at a time writes to a data directory; a lock left behind by a dead one is taken over. */
export function lockDataDirectory(dataDir: string): LockResult {
  try {
    return lock(dataDir);
  } catch (error) {
    return { kind: 'unwritable', reason: messageOf(error) };
  }
}

function lock(dataDir: string): LockResult {
  mkdirSync(dataDir, { recursive: true });
  const path = join(dataDir, 'lock');
  const mine: LockHolder = { pid: process.pid };
  for (;;) {
    try {
      writeFileSync(path, JSON.stringify(mine), { flag: 'wx' });
      break;
    } catch (error) {
      if (!isExisting(error)) throw error;
      const holder = readHolder(path);
      if (holder !== undefined && holder.pid !== process.pid && isAlive(holder.pid)) {
        return { kind: 'taken', holder };
      }
      rmSync(path, { force: true });
    }
  }
  return {
    kind: 'held',
    announce(url) {
      // Replaced as a whole: who met half a lock would take it for a damaged one.
      const next = `${path}.${process.pid}`;
      writeFileSync(next, JSON.stringify({ ...mine, url }));
      renameSync(next, path);
    },
    release: () => rmSync(path, { force: true }),
  };
}

/** Who holds it, for one who only reads. */
export function findLockHolder(dataDir: string): LockHolder | undefined {
  const holder = readHolder(join(dataDir, 'lock'));
  return holder !== undefined && isAlive(holder.pid) ? holder : undefined;
}

function readHolder(path: string): LockHolder | undefined {
  try {
    return holderSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return hasCode(error, 'EPERM');
  }
}

function isExisting(error: unknown): boolean {
  return hasCode(error, 'EEXIST');
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
