import type { Clock } from '../clock.ts';
import { createGathering } from './gathering.ts';
import type { Logger } from './log.ts';
import { describeAttempts, type Recorder, type RequestRecord, totalsOf } from './request-record.ts';

export interface RequestLog extends Recorder {
  /** Writes what is still waiting. */
  close(): void;
}

/**
 * One line a request: who decided what, who was asked, what it took. The prompt is in none of them. It is written a quarter
 * of a second after the end at the latest.
 */
export function createRequestLog(logger: Logger, clock: Clock): RequestLog {
  // It is made of facts with names, none of which is a secret: to look for secrets takes twenty times as long as to write.
  const lines = logger.child({}, { redact: [] });
  const recorded = createGathering<RequestRecord>((requests) => {
    for (const request of requests) lines.info(toLine(request), 'request');
  }, clock);
  return { record: recorded.add, close: recorded.flush };
}

function toLine(request: RequestRecord): object {
  const { attempts, timings } = request;
  return {
    // The line's own time is that of its batch.
    startedAt: new Date(request.atMs).toISOString(),
    requestId: request.requestId,
    decisionId: request.decisionId,
    traceId: request.trace?.traceId,
    conversation: request.conversation,
    class: request.className,
    confidence: request.confidence,
    tier: request.tier,
    basis: request.basis,
    model: request.model,
    outcome: request.outcome,
    status: request.status,
    attempts: describeAttempts(attempts),
    ...totalsOf(request),
    durationMs: Math.round(request.durationMs),
    firstContentMs: request.firstContentMs && Math.round(request.firstContentMs),
    ...timings,
  };
}
