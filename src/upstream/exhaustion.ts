import type { ErrorCode } from '../errors.ts';
import { type Failure, isAboutRequest } from './failure.ts';

export interface Exhaustion {
  readonly code: ErrorCode;
  /** The soonest that a provider named, when waiting is what helps. */
  readonly retryAfterMs?: number;
}

/** What a plan comes to when none of its models served. No failures: there was nobody to ask. */
export function toExhaustion(failures: readonly Failure[]): Exhaustion {
  if (failures.some(({ cause }) => cause === 'deadline')) return { code: 'upstream_timeout' };

  // A model that the request is nothing for says nothing about those that could have served it.
  const relevant = failures.filter((failure) => !isAboutRequest(failure));
  if (relevant.every(({ cause }) => cause === 'auth' || cause === 'model-missing')) {
    return { code: 'no_candidate' };
  }
  if (!relevant.every(({ cause }) => cause === 'rate-limited')) return { code: 'upstream_error' };
  const waits = relevant.flatMap(({ retryAfterMs }) => retryAfterMs ?? []);
  return {
    code: 'rate_limit_exceeded',
    ...(waits.length === 0 ? {} : { retryAfterMs: Math.min(...waits) }),
  };
}
