import type { Clock } from '../../clock.ts';

/** What has been seen of how long calls take: a slower one counts at once and in full, a quicker one by degrees. */
export interface PeakLatency {
  observe(durationMs: number): void;
  /** `freshness` is 1 at the moment of the last observation, and halves with every half-life. Undefined before the first. */
  read(): { readonly peakMs: number; readonly freshness: number } | undefined;
}

/** Long enough to outlast a burst, short enough that what has recovered is soon found out. */
const halfLifeMs = 10_000;

export function createPeakLatency(clock: Clock): PeakLatency {
  let seen: { readonly peakMs: number; readonly atMs: number } | undefined;

  function read() {
    if (seen === undefined) return undefined;
    const freshness = 0.5 ** ((clock.now() - seen.atMs) / halfLifeMs);
    return { peakMs: seen.peakMs, freshness };
  }

  return {
    observe(durationMs) {
      const { peakMs, freshness } = read() ?? { peakMs: 0, freshness: 0 };
      const excessMs = Math.max(0, peakMs - durationMs) * freshness;
      seen = { peakMs: durationMs + excessMs, atMs: clock.now() };
    },
    read,
  };
}
