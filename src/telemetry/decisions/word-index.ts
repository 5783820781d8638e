import type { Database } from 'libsql';

/** The index that texts are searched by. */
export interface WordIndex {
  /** Takes up the texts of these details. */
  add(sequences: readonly number[]): void;
  /** Forgets those of all details up to this one, which are still there. */
  removeTo(last: number): void;
}

/** What stands in the index; it can be taken out only as what it was put in. */
const searched = 'coalesce(search, text)';

/** In one statement each: after every one that is part of a transaction, FTS5 writes out what it has gathered. */
export function createWordIndex(database: Database): WordIndex {
  const insert = database.prepare(
    `INSERT INTO texts (rowid, text) SELECT seq, ${searched}
     FROM json_each(?) JOIN details ON seq = value WHERE text IS NOT NULL`,
  );
  const remove = database.prepare(
    `INSERT INTO texts (texts, rowid, text) SELECT 'delete', seq, ${searched}
     FROM details WHERE seq <= ? AND text IS NOT NULL`,
  );
  return {
    add: (sequences) => void insert.run(JSON.stringify(sequences)),
    removeTo: (last) => void remove.run(last),
  };
}
