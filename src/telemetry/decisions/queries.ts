import type { Database } from 'libsql';
import { toFullTextQuery } from './search-words.ts';
import { parseCursor, sequenceAt, toCursor } from './sequence.ts';
import type { DecisionQuery } from './stored-decision.ts';

/** Matches of a text that are looked at for one page, so that no page takes long. */
const examinedMatches = 20_000;

export interface Found {
  /** `seq`, newest first. */
  readonly sequences: readonly number[];
  readonly nextCursor: string | undefined;
}

/** One page. With a text and other filters it may hold fewer than asked for, and still not be the last. */
export function findDecisions(database: Database, query: DecisionQuery): Found {
  const { before, from } = toRange(query);
  const { conditions, values } = toConditions(query);
  const page = (sql: string, parameters: readonly (string | number)[]): Found => {
    const found = select(database, `${sql} ORDER BY seq DESC LIMIT ?`, [
      ...parameters,
      query.limit + 1,
    ]);
    const sequences = found.slice(0, query.limit);
    return { sequences, nextCursor: cursorAfter(found.length > query.limit, sequences) };
  };
  if (query.text === undefined) {
    const where = ['seq < ?', 'seq >= ?', ...conditions].join(' AND ');
    return page(`SELECT seq FROM decisions WHERE ${where}`, [before, from, ...values]);
  }

  const words = toFullTextQuery(query.text);
  if (words === undefined) return { sequences: [], nextCursor: undefined };
  const matching =
    'SELECT rowid AS seq FROM texts WHERE texts MATCH ? AND rowid < ? AND rowid >= ?';
  if (conditions.length === 0) return page(matching, [words, before, from]);
  const examined = `${matching} ORDER BY rowid DESC LIMIT ${examinedMatches}`;
  const found = page(
    `SELECT d.seq AS seq FROM (${examined}) AS m CROSS JOIN decisions AS d ON d.seq = m.seq
     WHERE ${conditions.join(' AND ')}`,
    [words, before, from, ...values],
  );
  if (found.nextCursor !== undefined) return found;
  const [last] = select(
    database,
    `${matching} ORDER BY rowid DESC LIMIT 1 OFFSET ${examinedMatches - 1}`,
    [...[words, before, from]],
  );
  return { ...found, nextCursor: last === undefined ? undefined : toCursor(last) };
}

function cursorAfter(hasMore: boolean, sequences: readonly number[]): string | undefined {
  const last = sequences.at(-1);
  return hasMore && last !== undefined ? toCursor(last) : undefined;
}

function toRange({ fromMs, toMs, cursor }: DecisionQuery): { before: number; from: number } {
  const end = toMs === undefined ? Number.MAX_SAFE_INTEGER : sequenceAt(toMs);
  const seen = cursor === undefined ? undefined : parseCursor(cursor);
  return {
    before: Math.min(end, seen ?? Number.MAX_SAFE_INTEGER),
    from: fromMs === undefined ? 0 : sequenceAt(fromMs),
  };
}

function toConditions(query: DecisionQuery): { conditions: string[]; values: (string | number)[] } {
  const given = [
    ['class = ?', query.className],
    ['model = ?', query.model],
    ['outcome = ?', query.outcome],
    ['confidence >= ?', query.minConfidence],
    ['confidence <= ?', query.maxConfidence],
  ] as const;
  const used = given.filter(([, value]) => value !== undefined);
  const abstained = { true: ['abstained IS NOT NULL'], false: ['abstained IS NULL'] };
  return {
    conditions: [
      ...used.map(([condition]) => condition),
      ...(query.abstained === undefined ? [] : abstained[`${query.abstained}`]),
    ],
    values: used.flatMap(([, value]) => value ?? []),
  };
}

function select(
  database: Database,
  sql: string,
  parameters: readonly (string | number)[],
): number[] {
  const rows = database.prepare(sql).all(...parameters) as { seq: number }[];
  return rows.map(({ seq }) => seq);
}
