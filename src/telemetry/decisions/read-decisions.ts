import type { Database } from 'libsql';
import { readFeedback } from './feedback.ts';
import { type Examined, findDecisions } from './queries.ts';
import type {
  DecisionPage,
  DecisionQuery,
  DecisionSummary,
  StoredDecision,
} from './stored-decision.ts';

interface SummaryRow {
  readonly seq: number;
  readonly id: string;
  readonly at_ms: number;
  readonly class: string | null;
  readonly served_class: string | null;
  readonly confidence: number | null;
  readonly basis: string;
  readonly abstained: string | null;
  readonly model: string | null;
  readonly provider: string | null;
  readonly outcome: string;
  readonly status: number;
  readonly protocol: string;
  readonly stream: 0 | 1;
  readonly attempts: number;
  readonly duration_ms: number;
  readonly first_content_ms: number | null;
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly cost_usd: number | null;
  readonly conversation: string | null;
  readonly text: string | null;
  readonly text_hash: string | null;
}

interface DetailRow extends SummaryRow {
  readonly record: string;
  /** Missing in a file of earlier versions that is only read. */
  readonly features?: ArrayBuffer | null;
}

const joined = 'decisions AS d JOIN details USING (seq)';

export function listDecisions(
  database: Database,
  query: DecisionQuery,
  limits?: Examined,
): DecisionPage {
  const { sequences, nextCursor } = findDecisions(database, query, limits);
  const rows = database
    .prepare(
      `SELECT d.*, conversation, text, text_hash FROM ${joined}
       WHERE seq IN (SELECT value FROM json_each(?)) ORDER BY seq DESC`,
    )
    .all(JSON.stringify(sequences)) as SummaryRow[];
  return { decisions: rows.map(toSummary), nextCursor };
}

/** Undefined when there is no such decision, or no longer. */
export function getDecision(database: Database, id: string): StoredDecision | undefined {
  const [row] = database.prepare(`SELECT * FROM ${joined} WHERE id = ?`).all(id) as DetailRow[];
  if (row === undefined) return undefined;
  const features = row.features ?? null;
  return {
    ...toSummary(row),
    ...JSON.parse(row.record),
    replayable: features !== null,
    features: features && Buffer.from(features).toString('base64'),
    feedback: readFeedback(database, id),
  };
}

function toSummary(row: SummaryRow): DecisionSummary {
  return {
    id: row.id,
    at: new Date(row.at_ms).toISOString(),
    class: row.class,
    servedClass: row.served_class,
    confidence: row.confidence,
    basis: row.basis,
    abstained: row.abstained,
    model: row.model,
    provider: row.provider,
    outcome: row.outcome,
    status: row.status,
    protocol: row.protocol,
    stream: row.stream === 1,
    attemptCount: row.attempts,
    durationMs: row.duration_ms,
    firstContentMs: row.first_content_ms,
    inputTokens: row.input_tokens,
    outputTokens: row.output_tokens,
    costUsd: row.cost_usd,
    conversation: row.conversation,
    text: row.text,
    textHash: row.text_hash,
  };
}
