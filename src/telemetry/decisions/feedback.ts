import type { Database } from 'libsql';
import type { Feedback, StoredFeedback } from './stored-decision.ts';

interface FeedbackRow {
  readonly decision_id: string;
  readonly key: string;
  readonly at_ms: number;
  readonly class: string | null;
  readonly score: number | null;
  readonly tags: string;
  readonly comment: string | null;
}

/** Keeps what was said. Undefined when there is no such decision. */
export function writeFeedback(
  database: Database,
  feedback: Feedback,
  nowMs: number,
): StoredFeedback | undefined {
  const { decisionId, key, className, score, tags, comment } = feedback;
  const [row] = database
    .prepare(
      `INSERT INTO feedback (decision_id, key, at_ms, class, score, tags, comment)
       SELECT id, ?, ?, ?, ?, ?, ? FROM decisions WHERE id = ?
       ON CONFLICT (decision_id, key) DO UPDATE SET at_ms = excluded.at_ms, class = excluded.class,
         score = excluded.score, tags = excluded.tags, comment = excluded.comment
       RETURNING *`,
    )
    .all(
      ...[key, Math.floor(nowMs), className ?? null, score ?? null],
      ...[JSON.stringify(tags), comment ?? null, decisionId],
    ) as FeedbackRow[];
  return row && toFeedback(row);
}

/** Everything that was said of a decision, in order. */
export function readFeedback(database: Database, decisionId: string): StoredFeedback[] {
  const rows = database
    .prepare('SELECT * FROM feedback WHERE decision_id = ? ORDER BY at_ms, key')
    .all(decisionId) as FeedbackRow[];
  return rows.map(toFeedback);
}

function toFeedback({ at_ms: atMs, tags, ...row }: FeedbackRow): StoredFeedback {
  const { decision_id, key, class: className, score, comment } = row;
  const at = new Date(atMs).toISOString();
  return { decision_id, key, at, class: className, score, tags: JSON.parse(tags), comment };
}
