import type { Database } from 'libsql';
import { toFullTextQuery } from './search-words.ts';
import { parseCursor, sequenceAt, toCursor } from './sequence.ts';
import type { DecisionQuery } from './stored-decision.ts';

type Value = string | number;

export interface Found {
  /** `seq`, newest first. */
  readonly sequences: readonly number[];
  readonly nextCursor: string | undefined;
}

/** Rows that one page looks at at most, so that none takes long: of matches of a text, and of an index otherwise. */
export interface Examined {
  readonly matches: number;
  readonly rows: number;
}

const examinedByDefault: Examined = { matches: 20_000, rows: 100_000 };

/** What an index gives newest first, to be filtered by the rest of the query. */
interface Source {
  /** Without its limit. */
  readonly sql: string;
  readonly values: readonly Value[];
  readonly examined: number;
  /** The columns of `decisions` stand beside what a full-text index gives. */
  readonly join: string;
  readonly rest: readonly Condition[];
}

interface Condition {
  readonly sql: string;
  readonly values: readonly Value[];
  /** The index that begins with it, if there is one. */
  readonly index?: string;
}

/** One page. With several filters it may hold fewer than asked for, and still not be the last. */
export function findDecisions(
  database: Database,
  query: DecisionQuery,
  limits: Examined = examinedByDefault,
): Found {
  const source = toSource(query, limits);
  if (source === undefined) return { sequences: [], nextCursor: undefined };
  const { sql, values, examined, join, rest } = source;
  const wanted = query.limit + 1;
  const found =
    rest.length === 0
      ? select(database, `${sql} LIMIT ?`, [...values, wanted])
      : // The order is the source's; to ask for it again would make SQLite look at all of it.
        select(
          database,
          `SELECT d.seq AS seq FROM (${sql} LIMIT ${examined}) AS ${join}
           WHERE ${rest.map((each) => each.sql).join(' AND ')} LIMIT ?`,
          [...values, ...rest.flatMap((each) => each.values), wanted],
        );
  const sequences = found.slice(0, query.limit);
  if (found.length === wanted) return { sequences, nextCursor: cursorOf(sequences.at(-1)) };
  const [lastExamined] =
    rest.length === 0 ? [] : select(database, `${sql} LIMIT 1 OFFSET ${examined - 1}`, values);
  return { sequences, nextCursor: cursorOf(lastExamined) };
}

/** Undefined when nothing can match. */
function toSource(query: DecisionQuery, limits: Examined): Source | undefined {
  const conditions = toConditions(query);
  const { before, from } = toRange(query);
  const range = (name: string) => `${name} < ? AND ${name} >= ? ORDER BY ${name} DESC`;
  if (query.text !== undefined) {
    const words = toFullTextQuery(query.text);
    if (words === undefined) return undefined;
    return {
      sql: `SELECT rowid AS seq FROM texts WHERE texts MATCH ? AND ${range('rowid')}`,
      values: [words, before, from],
      examined: limits.matches,
      join: 'm CROSS JOIN decisions AS d ON d.seq = m.seq',
      rest: conditions,
    };
  }
  const lead = conditions.find(({ index }) => index !== undefined);
  const index = lead?.index ?? 'decisions_by_time';
  const where = lead === undefined ? '' : `${lead.sql} AND `;
  return {
    sql: `SELECT seq, class, model, outcome, abstained, confidence
          FROM decisions INDEXED BY ${index} WHERE ${where}${range('seq')}`,
    values: [...(lead?.values ?? []), before, from],
    examined: limits.rows,
    join: 'd',
    rest: conditions.filter((each) => each !== lead),
  };
}

/** Those that leave least come first. */
function toConditions(query: DecisionQuery): Condition[] {
  const { className, model, outcome, abstained, minConfidence, maxConfidence } = query;
  const compare = (sql: string, value: Value | undefined, index?: string): Condition[] =>
    value === undefined ? [] : [{ sql, values: [value], ...(index && { index }) }];
  const abstention: Condition[] =
    abstained === undefined
      ? []
      : abstained
        ? [{ sql: 'abstained IS NOT NULL', values: [], index: 'decisions_abstained' }]
        : [{ sql: 'abstained IS NULL', values: [] }];
  return [
    ...compare('class = ?', className, 'decisions_by_class'),
    ...compare('model = ?', model, 'decisions_by_model'),
    ...abstention,
    ...compare('outcome = ?', outcome, 'decisions_by_outcome'),
    ...compare('confidence >= ?', minConfidence),
    ...compare('confidence <= ?', maxConfidence),
  ];
}

function toRange({ fromMs, toMs, cursor }: DecisionQuery): { before: number; from: number } {
  const end = toMs === undefined ? Number.MAX_SAFE_INTEGER : sequenceAt(toMs);
  const seen = cursor === undefined ? undefined : parseCursor(cursor);
  return {
    before: Math.min(end, seen ?? Number.MAX_SAFE_INTEGER),
    from: fromMs === undefined ? 0 : sequenceAt(fromMs),
  };
}

function cursorOf(sequence: number | undefined): string | undefined {
  return sequence === undefined ? undefined : toCursor(sequence);
}

function select(database: Database, sql: string, values: readonly Value[]): number[] {
  const rows = database.prepare(sql).all(...values) as { seq: number }[];
  return rows.map(({ seq }) => seq);
}
