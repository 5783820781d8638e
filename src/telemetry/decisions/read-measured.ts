import type { Database } from 'libsql';
import type { MeasuredRequest } from '../stats/rollup.ts';
import { sequenceAt } from './sequence.ts';

export interface MeasuredPage {
  /** Newest first. */
  readonly requests: readonly MeasuredRequest[];
  /** Where the page before it ends; undefined at the beginning of the time. */
  readonly next: number | undefined;
}

interface MeasuredRow {
  readonly seq: number;
  readonly at_ms: number;
  readonly duration_ms: number;
  readonly outcome: string;
  readonly class: string | null;
  readonly abstained: string | null;
  readonly attempts: string;
}

/** A few milliseconds' work, in which nothing is written or answered. */
const pageRows = 500;

/** What statistics count of the requests that came from `fromMs` on, before `before` or, for the first page, `toMs`. */
export function readMeasured(
  database: Database,
  { fromMs, toMs, before }: { fromMs: number; toMs: number; before?: number | undefined },
): MeasuredPage {
  const rows = database
    .prepare(
      `SELECT seq, at_ms, duration_ms, outcome, class, abstained, record ->> '$.attempts' AS attempts
       FROM decisions JOIN details USING (seq) WHERE seq >= ? AND seq < ? ORDER BY seq DESC LIMIT ?`,
    )
    .all(sequenceAt(fromMs), before ?? sequenceAt(toMs), pageRows) as MeasuredRow[];
  const next = rows.length === pageRows ? rows.at(-1)?.seq : undefined;
  return { requests: rows.map(toMeasured), next };
}

function toMeasured(row: MeasuredRow): MeasuredRequest {
  return {
    endedAtMs: row.at_ms + row.duration_ms,
    durationMs: row.duration_ms,
    outcome: row.outcome,
    className: row.class ?? undefined,
    abstained: row.abstained ?? undefined,
    attempts: JSON.parse(row.attempts),
  };
}
