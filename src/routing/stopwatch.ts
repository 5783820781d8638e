import type { Clock } from '../clock.ts';

/** What the decision cost, in milliseconds. */
export interface DecisionTimings {
  readonly embedMs: number;
  /** For the neighbours. */
  readonly searchMs: number;
  /** For the posterior and the class. */
  readonly weighMs: number;
}

export const noTime: DecisionTimings = { embedMs: 0, searchMs: 0, weighMs: 0 };

/** Tells the parts of a decision apart, however often they take turns. */
export interface Stopwatch {
  /** The time since the last lap, or since the start, went to this part. */
  lap(part: keyof DecisionTimings): void;
  timings(): DecisionTimings;
}

export function startStopwatch(clock: Clock): Stopwatch {
  const sums = { ...noTime };
  let since = clock.now();
  return {
    lap(part) {
      const now = clock.now();
      sums[part] += now - since;
      since = now;
    },
    timings: () => ({ ...sums }),
  };
}
