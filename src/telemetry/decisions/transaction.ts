import type { Database } from 'libsql';

/** All of it or nothing. */
export function inTransaction<Result>(database: Database, work: () => Result): Result {
  database.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    // Over a full disk SQLite has rolled back by itself.
    if (database.inTransaction) database.exec('ROLLBACK');
    throw error;
  }
}
