import { assertNever } from '../errors.ts';
import type { AttemptSpan } from '../telemetry/traces/trace-context.ts';
import type { Attempt } from './attempt.ts';
import { type AttemptResult, attemptTarget } from './attempt-target.ts';
import { callKindOf } from './exchange.ts';
import type { ExecuteOptions } from './execute.ts';
import type { Failure } from './failure.ts';
import type { CallEnd } from './health/health.ts';
import type { StreamEnd } from './relay.ts';
import type { RequestRetries } from './retries.ts';
import type { Target } from './target.ts';
import { wait } from './wait.ts';

export interface AskOptions extends ExecuteOptions {
  readonly target: Target;
  readonly endsAtMs: number;
  readonly retrying: RequestRetries;
  /** Whether the same model is still to be asked at another provider, which is sooner than asking this one again. */
  readonly hasSister: (target: Target) => boolean;
  /** Takes what is tried. */
  readonly attempts: Attempt[];
  readonly failures: Failure[];
}

/**
 * Asks one model, and again where that may help. Undefined when it is not to be asked any more, which what happened
 * since the plan was made can bring about.
 */
export async function askTarget(options: AskOptions): Promise<AttemptResult | undefined> {
  const { target, clock, signal, endsAtMs, retrying, attempts, failures } = options;
  retrying.begin(target.provider);
  let last: AttemptResult | undefined;
  for (let retries = 0; ; retries += 1) {
    const kind = callKindOf(options.request);
    const permit = options.health.admit(target, { force: target.isLastTry, kind });
    if (permit === undefined) return last;
    const startedAtMs = clock.now();
    const span = options.startSpan?.();
    let result: AttemptResult;
    try {
      result = await attemptTarget({
        span,
        ...options,
        provider: options.providers(target.provider),
        remainingMs: endsAtMs - startedAtMs,
      });
    } catch (error) {
      permit.settle({ kind: 'client-gone' });
      throw error;
    }
    const attempt = toAttempt({ target, span, startedAtMs, endedAtMs: clock.now(), result });
    attempts.push(attempt);
    if (result.kind === 'stream') {
      permit.begun?.();
      void result.finished.then((end) => {
        permit.settle(toCallEnd(end));
        options.onAttempt?.(toEndedAttempt(attempt, end));
      });
      return result;
    }
    permit.settle(toCallEnd(result));
    options.onAttempt?.(attempt);
    if (result.kind !== 'failed') return result;
    failures.push(result.failure);
    if (target.isLastTry || options.hasSister(target)) return result;
    last = result;
    const waitMs = retrying.next(result.failure, {
      provider: target.provider,
      retries,
      remainingMs: endsAtMs - clock.now(),
    });
    if (waitMs === undefined) return result;
    if (!(await wait(clock, waitMs, signal))) return { kind: 'client-gone' };
  }
}

function toCallEnd(result: AttemptResult | StreamEnd): CallEnd {
  if (result.kind === 'failed') return result;
  return result.kind === 'client-gone' ? result : { kind: 'ok' };
}

interface AttemptFacts {
  readonly target: Target;
  readonly span: AttemptSpan | undefined;
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  readonly result: AttemptResult;
}

function toAttempt({ target, span, startedAtMs, endedAtMs, result }: AttemptFacts): Attempt {
  const { model, provider, className } = target;
  const durationMs = endedAtMs - startedAtMs;
  const ids = span && { spanId: span.spanId };
  const facts = { model, provider, className, startedAtMs, durationMs, ...ids };
  switch (result.kind) {
    case 'reply':
      return { outcome: 'ok', ...facts, ...(result.usage && { usage: result.usage }) };
    case 'stream':
      return { outcome: 'ok', firstContentMs: durationMs, ...facts };
    case 'failed': {
      const { failure } = result;
      const outcome = failure.consequence === 'stop' ? 'stopped' : 'failed';
      return { outcome, failure, ...facts };
    }
    case 'client-gone':
      return { outcome: 'client-gone', ...facts };
    default:
      return assertNever(result);
  }
}

function toEndedAttempt(attempt: Attempt, { durationMs, usage, ...end }: StreamEnd): Attempt {
  const ended = { ...attempt, durationMs, ...(usage && { usage }) };
  if (end.kind === 'done') return ended;
  if (end.kind === 'client-gone') return { ...ended, outcome: 'client-gone' };
  return { ...ended, outcome: 'failed', failure: end.failure };
}
