import type { Database } from 'libsql';

/**
 * One step a version, never changed once released: a file knows by its `user_version` which it has taken. `seq` is the
 * time of the request with ten bits to tell those of one millisecond apart, so that every index ends in the order of time.
 * What lists are made from stands apart from what only a single decision shows, so that they read little.
 */
export const migrations: readonly string[] = [
  `CREATE TABLE decisions (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    at_ms INTEGER NOT NULL,
    class TEXT,
    served_class TEXT,
    model TEXT,
    provider TEXT,
    outcome TEXT NOT NULL,
    status INTEGER NOT NULL,
    confidence REAL,
    abstained TEXT,
    basis TEXT NOT NULL,
    protocol TEXT NOT NULL,
    stream INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    duration_ms REAL NOT NULL,
    first_content_ms REAL,
    input_tokens INTEGER NOT NULL,
    output_tokens INTEGER NOT NULL,
    cost_usd REAL
  );
  CREATE INDEX decisions_by_class ON decisions (class, seq, model, outcome, abstained, confidence);
  CREATE INDEX decisions_by_model ON decisions (model, seq, class, outcome, abstained, confidence);
  CREATE INDEX decisions_by_outcome ON decisions (outcome, seq, class, model, abstained, confidence);
  CREATE INDEX decisions_by_time ON decisions (seq, class, model, outcome, abstained, confidence);
  CREATE INDEX decisions_abstained ON decisions (seq, class, model, outcome, abstained, confidence)
    WHERE abstained IS NOT NULL;

  CREATE TABLE details (
    seq INTEGER PRIMARY KEY,
    conversation TEXT,
    text TEXT,
    text_hash TEXT,
    record TEXT NOT NULL
  );
  CREATE VIRTUAL TABLE texts USING fts5 (
    text, content = 'details', content_rowid = 'seq', columnsize = 0,
    tokenize = 'unicode61 remove_diacritics 2'
  );
  CREATE TRIGGER details_inserted AFTER INSERT ON details WHEN new.text IS NOT NULL BEGIN
    INSERT INTO texts (rowid, text) VALUES (new.seq, new.text);
  END;
  CREATE TRIGGER details_deleted AFTER DELETE ON details WHEN old.text IS NOT NULL BEGIN
    INSERT INTO texts (texts, rowid, text) VALUES ('delete', old.seq, old.text);
  END;

  CREATE TABLE feedback (
    decision_id TEXT NOT NULL,
    key TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    class TEXT,
    score REAL,
    tags TEXT NOT NULL,
    comment TEXT,
    PRIMARY KEY (decision_id, key)
  ) WITHOUT ROWID;
  CREATE TRIGGER decisions_deleted AFTER DELETE ON decisions BEGIN
    DELETE FROM details WHERE seq = old.seq;
    DELETE FROM feedback WHERE decision_id = old.id;
  END;`,
  'ALTER TABLE details ADD COLUMN features BLOB;',
  // What is searched where it is not the text itself. Rows of before are found as they were.
  `ALTER TABLE details ADD COLUMN search TEXT;
  DROP TRIGGER details_inserted;
  DROP TRIGGER details_deleted;
  CREATE TRIGGER details_inserted AFTER INSERT ON details WHEN new.text IS NOT NULL BEGIN
    INSERT INTO texts (rowid, text) VALUES (new.seq, coalesce(new.search, new.text));
  END;
  CREATE TRIGGER details_deleted AFTER DELETE ON details WHEN old.text IS NOT NULL BEGIN
    INSERT INTO texts (texts, rowid, text)
      VALUES ('delete', old.seq, coalesce(old.search, old.text));
  END;`,
  // Texts reach the index of words a batch at a time (word-index.ts); with a trigger, it was one by one.
  `DROP TRIGGER details_inserted;
  DROP TRIGGER details_deleted;
  DROP TRIGGER decisions_deleted;`,
];

/** What this program writes and the newest that it reads. */
export const schemaVersion = migrations.length;

export function versionOf(database: Database): number {
  const [row] = database.prepare('PRAGMA user_version').all() as { user_version: number }[];
  return row?.user_version ?? 0;
}

/** Takes the steps that the file has not taken yet, each whole or not at all. */
export function migrate(database: Database, steps: readonly string[] = migrations): void {
  for (let version = versionOf(database); version < steps.length; version += 1) {
    database.exec(
      `BEGIN IMMEDIATE; ${steps[version]} PRAGMA user_version = ${version + 1}; COMMIT`,
    );
  }
}
