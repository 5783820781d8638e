import type { Random } from '../../random.ts';
import type { Breaker } from './breaker.ts';

/** Why a model is not to be asked now: it is out of order, limits the rate, or was put aside by hand. */
export interface Unavailability {
  readonly cause: 'unhealthy' | 'rate-limited' | 'isolated';
  readonly reason: string;
  /** When it is worth trying again, in milliseconds since the epoch; undefined when nobody knows. */
  readonly untilMs: number | undefined;
}

/** Where nobody knows for how long. */
export const usualWaitMs = 1_000;

/** Undefined when a call may be made. What is coming back is drawn anew each time. */
export function findUnavailability(
  breaker: Breaker,
  nowMs: number,
  random: Random,
): Unavailability | undefined {
  const state = breaker.state();
  const inSeconds = (untilMs: number) => `${Math.ceil((untilMs - nowMs) / 1_000)} s`;
  switch (state.kind) {
    case 'isolated':
      return { cause: 'isolated', reason: `isolated: ${state.reason}`, untilMs: undefined };
    case 'open': {
      const reason = `out of order (${state.reason}); tried again in ${inSeconds(state.untilMs)}`;
      return { cause: 'unhealthy', reason, untilMs: state.untilMs };
    }
    case 'probing':
      if (state.isFull) {
        const reason = `out of order (${state.reason}); being tried now`;
        return { cause: 'unhealthy', reason, untilMs: nowMs + usualWaitMs };
      }
      break;
    case 'recovering':
      if (random() >= state.share) {
        const reason = `coming back: it gets ${Math.round(state.share * 100)} % of its requests`;
        return { cause: 'unhealthy', reason, untilMs: nowMs + usualWaitMs };
      }
      break;
    case 'closed':
      break;
  }
  const untilMs = breaker.notBeforeMs();
  if (untilMs === undefined) return undefined;
  const reason = `limits the rate for another ${inSeconds(untilMs)}`;
  return { cause: 'rate-limited', reason, untilMs };
}
