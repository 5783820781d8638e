import type { Database } from 'libsql';
import { type RequestRecord, totalsOf } from '../request-record.ts';
import { perMillisecond, sequenceAt } from './sequence.ts';
import { retainText, type TextSettings } from './text-retention.ts';
import { inTransaction } from './transaction.ts';

/** A request on its way to the thread. JSON, because that costs the sender least. */
export interface QueuedRequest {
  /** Of a RequestRecord without its text. */
  readonly json: string;
  readonly text: string | undefined;
}

const columns = [
  ...['seq', 'id', 'at_ms', 'class', 'served_class', 'model', 'provider', 'outcome', 'status'],
  ...['confidence', 'abstained', 'basis', 'protocol', 'stream', 'attempts', 'duration_ms'],
  ...['first_content_ms', 'input_tokens', 'output_tokens', 'cost_usd'],
];

/** Writes whole batches, or nothing of them. One that is known already is passed over. */
export function createWriter(
  database: Database,
  settings: TextSettings,
): (requests: readonly QueuedRequest[]) => number {
  const findSequence = database.prepare(
    'SELECT coalesce(max(seq) + 1, ?) AS seq FROM decisions WHERE seq >= ? AND seq < ?',
  );
  const insert = database.prepare(
    `INSERT INTO decisions (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})
     ON CONFLICT (id) DO NOTHING`,
  );
  const insertDetails = database.prepare(
    'INSERT INTO details (seq, conversation, text, text_hash, record) VALUES (?, ?, ?, ?, ?)',
  );

  function freeSequence(atMs: number): number {
    for (let first = sequenceAt(atMs); ; first += perMillisecond) {
      const end = first + perMillisecond;
      const [row] = findSequence.all(first, first, end) as { seq: number }[];
      if (row !== undefined && row.seq < end) return row.seq;
    }
  }

  function write({ json, text }: QueuedRequest): number {
    const request = JSON.parse(json) as RequestRecord;
    const seq = freeSequence(request.atMs);
    const { changes } = insert.run(...toRow(seq, request));
    if (changes === 0) return 0;
    const kept = retainText(text, settings);
    const conversation = request.conversation ?? null;
    insertDetails.run(seq, conversation, kept.text, kept.hash, toRest(request));
    return 1;
  }

  return (requests) =>
    inTransaction(database, () => requests.reduce((sum, request) => sum + write(request), 0));
}

// Numbers, texts and null only: the library ends the whole process over anything else.
function toRow(seq: number, request: RequestRecord): (string | number | null)[] {
  const { inputTokens, outputTokens, costUsd } = totalsOf(request);
  return [
    ...[seq, request.decisionId, Math.floor(request.atMs)],
    ...[request.className ?? null, request.servedClass ?? null],
    ...[request.model ?? null, request.provider ?? null, request.outcome, request.status],
    ...[request.confidence ?? null, request.abstained ?? null, request.basis],
    ...[request.protocol, request.stream ? 1 : 0, request.attempts.length, request.durationMs],
    ...[request.firstContentMs ?? null, inputTokens, outputTokens, costUsd ?? null],
  ];
}

/** What only a single decision shows. */
function toRest(request: RequestRecord): string {
  const { requestId, requestedModel, posterior, neighbours, candidates, attempts } = request;
  const { timings, bundle } = request;
  return JSON.stringify({
    requestId,
    requestedModel,
    posterior,
    neighbours,
    candidates,
    attempts,
    timings,
    bundle,
  });
}
