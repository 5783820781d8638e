import type { Clock } from '../clock.ts';
import type { AttemptSpan } from '../telemetry/traces/trace-context.ts';
import type { Attempt } from './attempt.ts';
import type { ClientRequest, FindTranslation } from './exchange.ts';
import { type Exhaustion, toExhaustion } from './exhaustion.ts';
import { createFailure, type Failure, isAboutRequest, isLasting } from './failure.ts';
import type { Health } from './health/health.ts';
import type { RequestHedging } from './hedging/hedging.ts';
import { askInRace } from './hedging/race.ts';
import type { Provider } from './provider.ts';
import type { FailedReply, PlainReply, StreamedReply } from './read-reply.ts';
import { type Refusal, toRefusal } from './refusal.ts';
import type { Retries } from './retries.ts';
import type { Target } from './target.ts';

export interface ExecuteOptions {
  /** In the order in which they are asked. */
  readonly targets: readonly Target[];
  readonly providers: (name: string) => Provider;
  readonly request: ClientRequest;
  readonly findTranslation: FindTranslation;
  readonly health: Pick<Health, 'admit'>;
  readonly retries: Retries;
  /** When the next model is asked beside one that is late; never, where it is left out. */
  readonly hedging?: RequestHedging | undefined;
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

/** `attempts`, of which the last serves, tells a committed stream as `ok` up to its first content. */
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
  const { targets, request, clock, signal, deadlineMs } = options;
  const endsAtMs = clock.now() + deadlineMs;
  const attempts: Attempt[] = [];
  const failures: Failure[] = [];
  const retrying = options.retries.forRequest();
  let tooLong: Refused | undefined;
  /** The first, of the model that comes before the others. */
  let refused: Refused | undefined;
  let isGivenUp = false;
  const left = new Set(targets);

  function mayAsk(target: Target): boolean {
    if (isGivenUp || !left.has(target)) return false;
    return tooLong === undefined ? !target.isReserve : isLarger(target, tooLong.target);
  }

  function takeRival(isWorthIt: (rival: Target) => boolean): Target | undefined {
    const rival = targets.find((each) => mayAsk(each) && !each.isReserve && !each.isLastTry);
    if (rival === undefined || !isWorthIt(rival)) return undefined;
    left.delete(rival);
    return rival;
  }

  function hasSister({ model }: Target): boolean {
    return targets.some((each) => each.model === model && mayAsk(each));
  }

  for (const target of targets) {
    if (signal.aborted) return { kind: 'client-gone', attempts };
    if (!mayAsk(target)) continue;
    left.delete(target);
    if (clock.now() >= endsAtMs) {
      failures.push(createFailure('deadline', 'the time for the whole request is over'));
      break;
    }
    const how = { endsAtMs, retrying, attempts, failures };
    const race = { target, takeRival, hasSister, ...how, ...options };
    for (const { target, result } of await askInRace(race)) {
      if (result.kind === 'client-gone') return { kind: 'client-gone', attempts };
      if (result.kind !== 'failed') return { target, attempts, ...result };

      const { consequence } = result.failure;
      if (consequence === 'stop') {
        return { kind: 'refused', target, ...toRefusal(result, { target, request }), attempts };
      }
      if (consequence === 'give-up') isGivenUp = true;
      else if (consequence === 'larger-window') {
        if (tooLong === undefined || isLarger(target, tooLong.target)) {
          tooLong = { target, reply: result };
        }
      } else if (isAboutRequest(result.failure)) refused ??= { target, reply: result };
    }
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
