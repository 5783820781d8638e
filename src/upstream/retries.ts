import type { Random } from '../random.ts';
import { backoffMs } from './backoff.ts';
import { type Failure, failureTable } from './failure.ts';
import { createRetryBudget, type RetryBudget } from './retry-budget.ts';

export interface RetrySettings {
  /** How often a model is asked again before the next one is. */
  readonly perModel: number;
  /** How long one request may wait for retries, all together. */
  readonly waitMs: number;
  /** Of the requests to a provider. */
  readonly share: number;
}

/** What became of a failure that another try might mend. */
export interface RetryVerdict {
  readonly provider: string;
  /** `over-budget`: its share of the requests is used up; `wait-too-long`: longer than the request may or can wait. */
  readonly outcome: 'made' | 'over-budget' | 'wait-too-long';
}

/** When the same model is asked once more, over all requests. */
export interface Retries {
  forRequest(): RequestRetries;
}

/** What one request has left of retries. */
export interface RequestRetries {
  /** A provider is asked for the first time with this model. */
  begin(provider: string): void;
  /**
   * How long to wait before asking again, in milliseconds; undefined when the next candidate is better. Takes the retry out
   * of what is left. `retries` is how often this model has been asked again already.
   */
  next(
    failure: Failure,
    how: { readonly provider: string; readonly retries: number; readonly remainingMs: number },
  ): number | undefined;
}

export function createRetries(
  settings: RetrySettings,
  random: Random,
  onVerdict: (verdict: RetryVerdict) => void = () => {},
): Retries {
  const budgets = new Map<string, RetryBudget>();
  const budgetOf = (provider: string): RetryBudget => {
    const known = budgets.get(provider) ?? createRetryBudget(settings.share);
    budgets.set(provider, known);
    return known;
  };

  return {
    forRequest() {
      let waitLeftMs = settings.waitMs;
      return {
        begin: (provider) => budgetOf(provider).deposit(),
        next(failure, { provider, retries, remainingMs }) {
          if (!failureTable[failure.cause].isRetried || retries >= settings.perModel) {
            return undefined;
          }
          // Without a word about how long, somebody else is surely sooner.
          if (failure.cause === 'rate-limited' && failure.retryAfterMs === undefined) {
            return undefined;
          }
          const waitMs = Math.max(failure.retryAfterMs ?? 0, backoffMs(retries, random));
          const isTooLong = waitMs > waitLeftMs || waitMs >= remainingMs;
          if (isTooLong || !budgetOf(provider).withdraw()) {
            onVerdict({ provider, outcome: isTooLong ? 'wait-too-long' : 'over-budget' });
            return undefined;
          }
          waitLeftMs -= waitMs;
          onVerdict({ provider, outcome: 'made' });
          return waitMs;
        },
      };
    },
  };
}
