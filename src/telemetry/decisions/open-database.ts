import { closeSync, existsSync, mkdirSync, openSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import Database from 'libsql';
import { isCorrupt, NewerStoreError } from './database-errors.ts';
import { migrate, schemaVersion, versionOf } from './schema.ts';

export interface OpenedDatabase {
  readonly database: Database.Database;
  /** Where a corrupt file of this name was moved to. */
  readonly movedTo: string | undefined;
}

/** How long another process's write is waited for. */
const busyMs = 2_000;

/**
 * Opens or creates the file for writing. A corrupt one is moved aside and a new one begun; throws NewerStoreError for
 * one of a later version, and whatever the disk says.
 */
export function openDatabase(
  path: string,
  how: { readonly nowMs: number; readonly isSuspect: boolean },
): OpenedDatabase {
  mkdirSync(dirname(path), { recursive: true });
  try {
    return { database: openForWriting(path, how.isSuspect), movedTo: undefined };
  } catch (error) {
    if (!isCorrupt(error)) throw error;
  }
  const timestamp = new Date(how.nowMs).toISOString().replace(/[:.]/g, '-');
  const movedTo = `${path}.corrupt-${timestamp}`;
  for (const suffix of ['', '-wal', '-shm']) {
    if (existsSync(path + suffix)) renameSync(path + suffix, movedTo + suffix);
  }
  return { database: openForWriting(path, false), movedTo };
}

function openForWriting(path: string, isSuspect: boolean): Database.Database {
  // Readable by its owner only: prompts are in it. What SQLite puts beside it takes over the mode.
  closeSync(openSync(path, 'a', 0o600));
  if (statSync(path).size > 0) refuseNewer(path);
  const database = new Database(path, { timeout: busyMs });
  try {
    database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
      PRAGMA secure_delete = FAST;`);
    migrate(database);
    // Reads all of the file, so only when there is reason to.
    if (isSuspect) check(database);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Opens an existing file to read beside whoever writes it. */
export function openForReading(path: string): Database.Database {
  // libsql ignores the option `readonly`; the URI it hands on.
  const database = new Database(`${pathToFileURL(path).href}?mode=ro`, { timeout: busyMs });
  try {
    const found = versionOf(database);
    if (found > schemaVersion) throw new NewerStoreError(path, { found, known: schemaVersion });
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function refuseNewer(path: string): void {
  openForReading(path).close();
}

function check(database: Database.Database): void {
  const rows = database.prepare('PRAGMA quick_check(1)').all() as { quick_check: string }[];
  const [fault] = rows.filter(({ quick_check: found }) => found !== 'ok');
  if (fault === undefined) return;
  throw Object.assign(new Error(fault.quick_check), { code: 'SQLITE_CORRUPT' });
}
