import { type RequestRecord, totalsOf } from '../request-record.ts';
import { keepsText, type TextSettings, withoutQuotes } from './text-retention.ts';

/** A request on its way to the thread: in the form that costs the sender least and needs no more work there. */
export interface QueuedRequest {
  readonly atMs: number;
  /** The values of `decisionColumns`. Numbers, texts and null only: libsql ends the whole process over anything else. */
  readonly row: readonly (string | number | null)[];
  /** JSON of what only a single decision shows. */
  readonly record: string;
  readonly conversation: string | null;
  /** All of it, since the hash is made in the thread; nothing where nothing is to be kept. */
  readonly text: string | undefined;
  /** Null where nothing of the text is to be kept, and where there is none. */
  readonly features: Uint8Array | null;
}

/** The nearest weigh most; all that may vote, forty here, would be most of a record. */
const recordedNeighbours = 10;

export const decisionColumns = [
  ...['id', 'at_ms', 'class', 'served_class', 'model', 'provider', 'outcome', 'status'],
  ...['confidence', 'abstained', 'basis', 'protocol', 'stream', 'attempts', 'duration_ms'],
  ...['first_content_ms', 'input_tokens', 'output_tokens', 'cost_usd'],
] as const;

export function toQueuedRequest(request: RequestRecord, settings: TextSettings): QueuedRequest {
  return {
    atMs: request.atMs,
    row: toRow(request),
    record: toRest(withoutQuotes(request, settings)),
    conversation: request.conversation ?? null,
    text: settings.text === 'none' ? undefined : request.text,
    features: keepsText(settings) ? (request.recordFeatures?.() ?? null) : null,
  };
}

function toRow(request: RequestRecord): QueuedRequest['row'] {
  const { inputTokens, outputTokens, costUsd } = totalsOf(request);
  return [
    ...[request.decisionId, Math.floor(request.atMs)],
    ...[request.className ?? null, request.servedClass ?? null],
    ...[request.model ?? null, request.provider ?? null, request.outcome, request.status],
    ...[request.confidence ?? null, request.abstained ?? null, request.basis],
    ...[request.protocol, request.stream ? 1 : 0, request.attempts.length, request.durationMs],
    ...[request.firstContentMs ?? null, inputTokens, outputTokens, costUsd ?? null],
  ];
}

function toRest(request: RequestRecord): string {
  const { requestId, requestedModel, posterior, candidates, attempts } = request;
  const { tier, ask, context, hold, timings, bundle } = request;
  const neighbours = request.neighbours
    .slice(0, recordedNeighbours)
    .map(({ id, className, similarity }) => ({ id, className, similarity }));
  const weighed = { tier, ask, posterior, neighbours, context, hold };
  const served = { candidates, attempts, timings, bundle };
  const traceId = request.trace?.traceId;
  return JSON.stringify({ requestId, traceId, requestedModel, ...weighed, ...served });
}
