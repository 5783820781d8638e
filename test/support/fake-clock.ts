import type { Clock } from '../../src/clock.ts';

export interface FakeClock extends Clock {
  /** Moves time on and fires every timer that falls due, in order. */
  advance(ms: number): void;
  /** How many timers are still set. */
  pending(): number;
}

/** A clock that stands still until a test moves it. */
export function createFakeClock(startMs = 1_700_000_000_000): FakeClock {
  let nowMs = startMs;
  const timers = new Set<{ dueMs: number; callback: () => void }>();

  return {
    now: () => nowMs,
    setTimer(delayMs, callback) {
      const timer = { dueMs: nowMs + delayMs, callback };
      timers.add(timer);
      return { cancel: () => void timers.delete(timer) };
    },
    advance(ms) {
      const untilMs = nowMs + ms;
      for (;;) {
        const due = [...timers].filter((timer) => timer.dueMs <= untilMs);
        const next = due.sort((a, b) => a.dueMs - b.dueMs)[0];
        if (next === undefined) break;
        timers.delete(next);
        nowMs = next.dueMs;
        next.callback();
      }
      nowMs = untilMs;
    },
    pending: () => timers.size,
  };
}
