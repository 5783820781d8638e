// The trace of a request, from what is left of it: the server's span, under it the routing, then one span an attempt, so that
// fallbacks stand beside one another.
import { type RequestRecord, totalsOf } from '../request-record.ts';
import { toAttemptSpan } from './attempt-span.ts';
import { known, type PlannedSpan } from './planned-span.ts';

/** What made vectors of the prompts. */
export interface TracedEncoder {
  readonly id: string;
  readonly dimensions: number;
}

export function toRequestSpan(request: RequestRecord, encoder: TracedEncoder): PlannedSpan {
  const path = request.protocol === 'chat' ? '/v1/chat/completions' : `/v1/${request.protocol}`;
  return {
    name: `POST ${path}`,
    kind: 'server',
    startMs: request.atMs,
    endMs: request.atMs + request.durationMs,
    errorType: errorTypeOf(request),
    attributes: known({
      'http.request.method': 'POST',
      'http.route': path,
      'http.response.status_code': request.status,
      'url.path': path,
      'url.scheme': 'http',
      'gen_ai.conversation.id': request.conversation,
      'switchyard.decision_id': request.decisionId,
      'switchyard.request_id': request.requestId,
      'switchyard.requested_model': request.requestedModel,
      'switchyard.outcome': request.outcome,
      'switchyard.served_class': request.servedClass,
      'switchyard.model': request.model,
      'switchyard.provider': request.provider,
      'switchyard.cost_usd': totalsOf(request).costUsd,
      ...decisionAttributes(request),
    }),
    children: [
      toRouteSpan(request, encoder),
      ...request.attempts.map((attempt, index) =>
        toAttemptSpan(attempt, { request, number: index + 1 }),
      ),
    ],
  };
}

/** A client's own mistake is no failure of a server; an answer that broke off is one, whatever its status said before. */
function errorTypeOf({ outcome, status }: RequestRecord): string | undefined {
  if (outcome === 'upstream_error') return outcome;
  return status >= 500 ? String(status) : undefined;
}

function decisionAttributes(request: RequestRecord) {
  return {
    'switchyard.class': request.className,
    'switchyard.confidence': request.confidence,
    'switchyard.basis': request.basis,
    'switchyard.tier': request.tier,
    'switchyard.abstained': request.abstained,
  };
}

function toRouteSpan(request: RequestRecord, encoder: TracedEncoder): PlannedSpan {
  const { startedAtMs, durationMs } = request.routing;
  return {
    name: 'route',
    kind: 'internal',
    startMs: startedAtMs,
    endMs: startedAtMs + durationMs,
    attributes: known(decisionAttributes(request)),
    children: toDecisionSpans(request, encoder),
  };
}

/** One follows the other, so each has its place in time. None where there was nothing to decide. */
function toDecisionSpans(request: RequestRecord, encoder: TracedEncoder): PlannedSpan[] {
  const { basis, abstained, timings, routing, neighbours } = request;
  if (basis === 'forced' || abstained === 'no-ask') return [];
  // Microseconds, and no model was called.
  if (request.tier === 'static') return [];
  const embeddedAtMs = routing.startedAtMs + timings.embedMs;
  const searchedAtMs = embeddedAtMs + timings.searchMs;
  return [
    {
      name: `embeddings ${encoder.id}`,
      kind: 'internal',
      startMs: routing.startedAtMs,
      endMs: embeddedAtMs,
      errorType: abstained?.startsWith('embedder-') ? abstained : undefined,
      attributes: {
        'gen_ai.operation.name': 'embeddings',
        'gen_ai.provider.name': 'switchyard',
        'gen_ai.request.model': encoder.id,
        'gen_ai.embeddings.dimension.count': encoder.dimensions,
      },
      children: [],
    },
    {
      name: 'search',
      kind: 'internal',
      startMs: embeddedAtMs,
      endMs: searchedAtMs,
      attributes: { 'switchyard.neighbours': neighbours.length },
      children: [],
    },
    {
      name: 'classify',
      kind: 'internal',
      startMs: searchedAtMs,
      endMs: searchedAtMs + timings.weighMs,
      attributes: { 'switchyard.classes': request.posterior.length },
      children: [],
    },
  ];
}
