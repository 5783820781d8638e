import { RouterError } from '../errors.ts';
import type { Candidate } from '../routing/plan.ts';
import { describeAttempt } from '../telemetry/request-record.ts';
import type { Attempt } from '../upstream/attempt.ts';
import type { Execution } from '../upstream/execute.ts';

/** Who was asked and what came of it, as the log has it. */
export function describeAttempts(attempts: readonly Attempt[]): string {
  return attempts
    .map(({ failure, ...attempt }) =>
      describeAttempt({ ...attempt, status: failure?.status, cause: failure?.cause }),
    )
    .join(', ');
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

/** What the client is told when no candidate gave an answer. */
export function exhaustedError(
  { code, attempts, retryAfterMs }: Extract<Execution, { kind: 'exhausted' }>,
  candidates: readonly Candidate[],
): RouterError {
  if (attempts.length > 0) {
    const tried = describeAttempts(attempts);
    const options = retryAfterMs === undefined ? {} : { retryAfterMs };
    return new RouterError(code, `No model answered. Tried: ${tried}.`, options);
  }
  const out = candidates.map(({ model, reason }) => `${model} (${reason})`).join(', ');
  const message = `No model can serve this request: ${out}.`;
  // Those without a key or address say nothing about the request.
  const usable = candidates.filter(({ cause }) => cause !== 'unusable');
  if (usable.length === 0) return new RouterError(code, message);
  return usable.some(({ cause }) => cause === 'context-window')
    ? new RouterError('context_length_exceeded', `The prompt is too long: ${out}.`, {
        param: 'messages',
      })
    : new RouterError('invalid_request', message);
}
