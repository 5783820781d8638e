import { RouterError } from '../errors.ts';
import type { Candidate } from '../routing/plan.ts';
import { describeAttempts } from '../telemetry/request-record.ts';
import type { Attempt } from '../upstream/attempt.ts';
import type { Execution } from '../upstream/execute.ts';

/** Who was asked and what came of it, as the log has it. */
export function listAttempts(attempts: readonly Attempt[]): string {
  return describeAttempts(
    attempts.map(({ model, provider, className, outcome, failure }) => {
      const { status, cause } = failure ?? {};
      return { model, provider, className, outcome, status, cause };
    }),
  ).join(', ');
}

/** One attempt in the body of an error. */
export function toJsonAttempt(attempt: Attempt) {
  const { model, provider, className, outcome, failure, durationMs } = attempt;
  return {
    model,
    provider,
    class: className,
    outcome,
    status: failure?.status,
    cause: failure?.cause,
    message: failure?.message,
    durationMs: Math.round(durationMs),
  };
}

/** What the client is told when no candidate gave an answer, with the soonest moment at which one may. */
export function exhaustedError(
  { code, attempts, retryAfterMs }: Extract<Execution, { kind: 'exhausted' }>,
  candidates: readonly Candidate[],
  nowMs: number,
): RouterError {
  const waits = candidates.flatMap(({ untilMs }) => (untilMs === undefined ? [] : untilMs - nowMs));
  if (retryAfterMs !== undefined) waits.push(retryAfterMs);
  const soonest = waits.length === 0 ? {} : { retryAfterMs: Math.max(0, Math.min(...waits)) };
  if (attempts.length > 0) {
    const message = `No model answered. Tried: ${listAttempts(attempts)}.`;
    if (candidates.some(({ cause }) => cause === 'last-try')) {
      return new RouterError('no_candidate', message, soonest);
    }
    return new RouterError(code, message, code === 'rate_limit_exceeded' ? soonest : {});
  }
  const out = candidates.map(({ model, reason }) => `${model} (${reason})`).join(', ');
  const message = `No model can serve this request: ${out}.`;
  const causes = new Set(candidates.map(({ cause }) => cause));
  // Those without a key or address say nothing about the request.
  causes.delete('unusable');
  if (causes.has('context-window') && !isAnythingBack(causes)) {
    const tooLong = `The prompt is too long: ${out}.`;
    return new RouterError('context_length_exceeded', tooLong, { param: 'messages' });
  }
  if (causes.has('rate-limited') && !causes.has('unhealthy')) {
    return new RouterError('rate_limit_exceeded', message, soonest);
  }
  return causes.size === 0 || isAnythingBack(causes)
    ? new RouterError('no_candidate', message, soonest)
    : new RouterError('invalid_request', message);
}

/** Whether waiting may help, since a model that could serve is only out for now. */
function isAnythingBack(causes: ReadonlySet<Candidate['cause']>): boolean {
  const passing: readonly Candidate['cause'][] = ['unhealthy', 'rate-limited', 'isolated'];
  return passing.some((cause) => causes.has(cause));
}
