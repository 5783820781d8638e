import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import Database from 'libsql';
import { isCorrupt, NewerStoreError } from './database-errors.ts';
import { countRows } from './retention.ts';
import { migrate, schemaVersion, versionOf } from './schema.ts';

export interface OpenedDatabase {
  readonly database: Database.Database;
  /** Decisions in it. */
  readonly rows: number;
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
    return { ...openForWriting(path, how.isSuspect), movedTo: undefined };
  } catch (error) {
    if (!isCorrupt(error)) throw error;
  }
  const timestamp = new Date(how.nowMs).toISOString().replace(/[:.]/g, '-');
  const movedTo = `${path}.corrupt-${timestamp}`;
  for (const suffix of ['', '-wal', '-shm']) {
    if (existsSync(path + suffix)) renameSync(path + suffix, movedTo + suffix);
  }
  return { ...openForWriting(path, false), movedTo };
}

function openForWriting(path: string, isSuspect: boolean): Omit<OpenedDatabase, 'movedTo'> {
  // Readable by its owner only: prompts are in it. What SQLite puts beside it takes over the mode.
  closeSync(openSync(path, 'a', 0o600));
  refuseNewer(path);
  const database = new Database(path, { timeout: busyMs });
  try {
    // What a crash left in the log beside the file counts as well.
    refuseVersion(path, versionOf(database));
    database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
      PRAGMA secure_delete = FAST;`);
    migrate(database);
    // Reads all of the file, so only when there is reason to.
    if (isSuspect) check(database);
    return { database, rows: countRows(database) };
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Opens an existing file to read beside whoever writes it. */
export function openForReading(path: string): Database.Database {
  refuseNewer(path);
  try {
    return openAs(path, 'mode=ro');
  } catch (error) {
    // SQLite wants to leave files beside it even to read, which a read-only volume does not let it.
    if (error instanceof NewerStoreError || isWritable(dirname(path))) throw error;
    return openAs(path, 'mode=ro&immutable=1');
  }
}

function openAs(path: string, parameters: string): Database.Database {
  // libsql ignores the option `readonly`; the URI it hands on.
  const database = new Database(`${pathToFileURL(path).href}?${parameters}`, { timeout: busyMs });
  try {
    refuseVersion(path, versionOf(database));
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function isWritable(directory: string): boolean {
  try {
    accessSync(directory, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** Reads the version where SQLite keeps it, since merely asking SQLite leaves files beside the database. */
function refuseNewer(path: string): void {
  const header = Buffer.alloc(64);
  const handle = openSync(path, 'r');
  try {
    readSync(handle, header);
  } finally {
    closeSync(handle);
  }
  if (header.toString('latin1', 0, 15) === 'SQLite format 3') {
    refuseVersion(path, header.readInt32BE(60));
  }
}

function refuseVersion(path: string, found: number): void {
  if (found > schemaVersion) throw new NewerStoreError(path, { found, known: schemaVersion });
}

function check(database: Database.Database): void {
  const rows = database.prepare('PRAGMA quick_check(1)').all() as { quick_check: string }[];
  const [fault] = rows.filter(({ quick_check: found }) => found !== 'ok');
  if (fault === undefined) return;
  throw new Error(`database disk image is malformed: ${fault.quick_check}`);
}
