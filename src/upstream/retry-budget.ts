/**
 * Keeps retries to a share of the requests, so that they can't multiply the load on a provider that is going down.
 * A few are free, for providers that are asked little.
 */
export interface RetryBudget {
  /** A request that is not a retry. */
  deposit(): void;
  /** True, and one retry less, when there is one left. */
  withdraw(): boolean;
}

const most = 10;

export function createRetryBudget(share: number): RetryBudget {
  let retries = most;
  return {
    deposit() {
      retries = Math.min(most, retries + share);
    },
    withdraw() {
      if (retries < 1) return false;
      retries -= 1;
      return true;
    },
  };
}
