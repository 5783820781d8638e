import type { Database } from 'libsql';
import { decisionColumns, type QueuedRequest } from './queued-request.ts';
import { toSearchText } from './search-words.ts';
import { perMillisecond, sequenceAt } from './sequence.ts';
import { retainText, type TextSettings } from './text-retention.ts';
import { inTransaction } from './transaction.ts';
import { createWordIndex } from './word-index.ts';

/** Writes whole batches, or nothing of them. One that is known already is passed over. Returns how many were new. */
export function createWriter(
  database: Database,
  settings: TextSettings,
): (requests: readonly QueuedRequest[]) => number {
  const findSequence = database.prepare(
    'SELECT coalesce(max(seq) + 1, ?) AS seq FROM decisions WHERE seq >= ? AND seq < ?',
  );
  const insert = database.prepare(
    `INSERT INTO decisions (seq, ${decisionColumns.join(', ')})
     VALUES (?, ${decisionColumns.map(() => '?').join(', ')}) ON CONFLICT DO NOTHING`,
  );
  const insertDetails = database.prepare(
    'INSERT INTO details (seq, conversation, text, text_hash, record, features, search) VALUES (?, ?, ?, ?, ?, ?, ?)',
  );
  const words = createWordIndex(database);

  function freeSequence(atMs: number): number {
    for (let first = sequenceAt(atMs); ; first += perMillisecond) {
      const end = first + perMillisecond;
      const [row] = findSequence.all(first, first, end) as { seq: number }[];
      if (row !== undefined && row.seq < end) return row.seq;
    }
  }

  /** Undefined when it is known already. */
  function insertRow({ atMs, row }: QueuedRequest): number | undefined {
    const first = sequenceAt(atMs);
    if (insert.run(first, ...row).changes > 0) return first;
    const free = freeSequence(atMs);
    return insert.run(free, ...row).changes > 0 ? free : undefined;
  }

  function write(request: QueuedRequest): number[] {
    const { record, conversation, text, features } = request;
    const seq = insertRow(request);
    if (seq === undefined) return [];
    const kept = retainText(text, settings);
    // Anything else than bytes, text, a number or null ends the process; a clone of a Buffer is none.
    const bytes = features && Buffer.from(features);
    const search = (kept.text !== null && toSearchText(kept.text)) || null;
    insertDetails.run(seq, conversation, kept.text, kept.hash, record, bytes, search);
    return [seq];
  }

  return (requests) =>
    inTransaction(database, () => {
      const written = requests.flatMap(write);
      words.add(written);
      return written.length;
    });
}
