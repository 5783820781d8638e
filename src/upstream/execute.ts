import type { Clock } from '../clock.ts';
import { assertNever } from '../errors.ts';
import type { AttemptSpan } from '../telemetry/traces/trace-context.ts';
import type { Attempt } from './attempt.ts';
import { type AttemptResult, attemptTarget } from './attempt-target.ts';
import type { ClientRequest, FindTranslation } from './exchange.ts';
import { type Exhaustion, toExhaustion } from './exhaustion.ts';
import { createFailure, type Failure, isAboutRequest, isLasting } from './failure.ts';
import type { Provider } from './provider.ts';
import type { FailedReply, PlainReply, StreamedReply } from './read-reply.ts';
import { type Refusal, toRefusal } from './refusal.ts';
import type { StreamEnd } from './relay.ts';
import type { Target } from './target.ts';

export interface ExecuteOptions {
  /** In the order in which they are asked. */
  readonly targets: readonly Target[];
  readonly providers: (name: string) => Provider;
  readonly request: ClientRequest;
  readonly findTranslation: FindTranslation;
  readonly clock: Clock;
  /** Aborts when the client is gone. */
  readonly signal: AbortSignal;
  /** How long the whole plan may take from now, the stream included. */
  readonly deadlineMs: number;
  /** Gives each attempt its place in a trace. */
  readonly startSpan?: (() => AttemptSpan) | undefined;
  /** Called once for each attempt, when it is over: for a committed stream, at its end. */
  readonly onAttempt?: (attempt: Attempt) => void;
}

/** `attempts` tells a committed stream as `ok` up to its first content. */
export type Execution = (
  | (PlainReply & { readonly target: Target })
  | (StreamedReply & { readonly target: Target })
  /** The client's own error, as the provider said it. */
  | (Refusal & { readonly kind: 'refused'; readonly target: Target })
  | (Exhaustion & { readonly kind: 'exhausted' })
  | { readonly kind: 'client-gone' }
) & { readonly attempts: readonly Attempt[] };

/**
 * Asks one model after the other until one serves, by the failure table. Rejects only with bugs.
 */
export async function execute(options: ExecuteOptions): Promise<Execution> {
  const { targets, request, clock, signal, deadlineMs, onAttempt } = options;
  const endsAtMs = clock.now() + deadlineMs;
  const attempts: Attempt[] = [];
  const failures: Failure[] = [];
  let tooLong: Refused | undefined;
  /** The first, of the model that comes before the others. */
  let refused: Refused | undefined;

  for (const target of targets) {
    if (signal.aborted) return { kind: 'client-gone', attempts };
    if (tooLong === undefined ? target.isReserve : !isLarger(target, tooLong.target)) continue;
    const remainingMs = endsAtMs - clock.now();
    if (remainingMs <= 0) {
      failures.push(createFailure('deadline', 'the time for the whole request is over'));
      break;
    }

    const startedAtMs = clock.now();
    const span = options.startSpan?.();
    const result = await attemptTarget({
      ...options,
      span,
      target,
      provider: options.providers(target.provider),
      remainingMs,
    });
    const attempt = toAttempt({ target, span, startedAtMs, endedAtMs: clock.now(), result });
    attempts.push(attempt);
    if (result.kind === 'stream') {
      void result.finished.then((end) => onAttempt?.(toEndedAttempt(attempt, end)));
      return { ...result, target, attempts };
    }
    onAttempt?.(attempt);
    if (result.kind === 'reply') return { ...result, target, attempts };
    if (result.kind === 'client-gone') return { kind: 'client-gone', attempts };

    const { failure } = result;
    failures.push(failure);
    if (failure.consequence === 'give-up') break;
    if (failure.consequence === 'stop') {
      return { kind: 'refused', target, ...toRefusal(result, { target, request }), attempts };
    }
    if (failure.consequence === 'larger-window') tooLong = { target, reply: result };
    else if (isAboutRequest(failure)) refused ??= { target, reply: result };
  }

  const answer = refused ?? tooLong;
  if (answer !== undefined && failures.every(isLasting)) {
    const { target, reply } = answer;
    return { kind: 'refused', target, ...toRefusal(reply, { target, request }), attempts };
  }
  return { kind: 'exhausted', ...toExhaustion(failures), attempts };
}

/** A request that a model could not serve, and what its provider said. */
interface Refused {
  readonly target: Target;
  readonly reply: FailedReply;
}

/** An unknown window is not known to be larger than any. */
function isLarger(target: Target, tooSmall: Target): boolean {
  return (target.contextWindow ?? 0) > (tooSmall.contextWindow ?? 0);
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
      return { ...facts, outcome: 'ok', ...(result.usage && { usage: result.usage }) };
    case 'stream':
      return { ...facts, outcome: 'ok', firstContentMs: durationMs };
    case 'failed': {
      const { failure } = result;
      return { ...facts, outcome: failure.consequence === 'stop' ? 'stopped' : 'failed', failure };
    }
    case 'client-gone':
      return { ...facts, outcome: 'client-gone' };
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
