import type { Database } from 'libsql';
import type { DecisionsConfig } from '../../config/schema.ts';
import { sequenceAt } from './sequence.ts';
import { inTransaction } from './transaction.ts';
import { createWordIndex } from './word-index.ts';

export type RetentionSettings = Pick<DecisionsConfig, 'retentionDays' | 'maxRows'>;

/** Rows that are deleted at a time: a few milliseconds, in which nothing is written or answered. */
const biteRows = 500;

const dayMs = 86_400_000;

/** Takes one bite of what is too old or too much. True when there is more. */
export type Tidy = (nowMs: number) => boolean;

/** `rows` is asked how many there are, since counting a million takes its time. */
export function createTidy(
  database: Database,
  settings: RetentionSettings,
  rows: { count: number },
): Tidy {
  const findLast = database.prepare(
    'SELECT max(seq) AS last FROM (SELECT seq FROM decisions WHERE seq < ? ORDER BY seq LIMIT ?)',
  );
  const words = createWordIndex(database);
  const dependents = [
    'DELETE FROM feedback WHERE decision_id IN (SELECT id FROM decisions WHERE seq <= ?)',
    'DELETE FROM details WHERE seq <= ?',
  ].map((sql) => database.prepare(sql));
  const remove = database.prepare('DELETE FROM decisions WHERE seq <= ?');

  function removeTo(last: number): number {
    words.removeTo(last);
    for (const dependent of dependents) dependent.run(last);
    return remove.run(last).changes;
  }

  function bite(before: number, limit = biteRows): number {
    const [row] = findLast.all(before, limit) as { last: number | null }[];
    const last = row?.last ?? null;
    if (last === null) return 0;
    const removed = inTransaction(database, () => removeTo(last));
    rows.count -= removed;
    return removed;
  }

  return (nowMs) => {
    const excess = Math.min(rows.count - settings.maxRows, biteRows);
    if (excess > 0) return bite(Number.MAX_SAFE_INTEGER, excess) > 0;
    return bite(sequenceAt(nowMs - settings.retentionDays * dayMs)) === biteRows;
  };
}

export function countRows(database: Database): number {
  const [row] = database.prepare('SELECT count(*) AS count FROM decisions').all() as {
    count: number;
  }[];
  return row?.count ?? 0;
}
