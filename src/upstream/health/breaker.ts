// Keeps calls away from what keeps failing, and lets it come back by degrees.
import type { Clock } from '../../clock.ts';
import type { Random } from '../../random.ts';
import type { BreakerSettings } from './breaker-settings.ts';
import { createRollingWindow } from './rolling-window.ts';

/** What one call says about whoever was called. */
export type Verdict =
  | { readonly kind: 'success' }
  /** It is out of order. */
  | { readonly kind: 'failure'; readonly reason: string }
  /** It will not serve us until somebody does something about it: no such model, a refused key. */
  | { readonly kind: 'refusal'; readonly reason: string }
  /** It wants to be left alone for so long. */
  | { readonly kind: 'wait'; readonly forMs: number }
  /** Nothing: the client's own mistake, or the client left. */
  | { readonly kind: 'none' };

export type BreakerState =
  | { readonly kind: 'closed' }
  | { readonly kind: 'open'; readonly reason: string; readonly untilMs: number }
  | { readonly kind: 'probing'; readonly reason: string; readonly isFull: boolean }
  /** Gets this share of its calls. */
  | { readonly kind: 'recovering'; readonly share: number }
  | { readonly kind: 'isolated'; readonly reason: string };

/** Leave for one call; what came of it has to be told exactly once, a stream's at its end. */
interface Permit {
  settle(verdict: Verdict): void;
}

export interface Breaker {
  state(): BreakerState;
  /** Until when it wants to be left alone; undefined when it does not. */
  notBeforeMs(): number | undefined;
  /** Undefined while no calls are to be made. `force` gives leave all the same, for one call at a time, never to what is isolated. */
  admit(options?: { readonly force?: boolean }): Permit | undefined;
  /**
   * What was found out without one of its calls. A success brings the calls on that try whether it works, but never stands
   * for one of them, and says nothing after a refusal: it may have been found out without a key.
   */
  hear(verdict: Verdict): void;
  /** No calls until it is released, whatever happens. */
  isolate(reason: string): void;
  /** Whatever it was, it gets all calls again. */
  release(): void;
}

export interface BreakerOptions {
  readonly settings: BreakerSettings;
  readonly clock: Clock;
  readonly random: Random;
  readonly onChange: (state: BreakerState) => void;
}

type Phase =
  | { readonly kind: 'closed' }
  | {
      readonly kind: 'open';
      readonly reason: string;
      readonly untilMs: number;
      readonly isRefusal: boolean;
    }
  | { readonly kind: 'probing'; readonly reason: string; succeeded: number }
  | { readonly kind: 'recovering'; readonly sinceMs: number }
  | { readonly kind: 'isolated'; readonly reason: string };

/** What is left of the calls right after the probes. */
const smallestShare = 0.1;
/** Open times are drawn from this share of them up to the whole, so that replicas don't probe in step. */
const leastOfOpenTime = 0.75;

export function createBreaker({ settings, clock, random, onChange }: BreakerOptions): Breaker {
  const window = createRollingWindow(settings.windowMs);
  let phase: Phase = { kind: 'closed' };
  /** Grows with every phase: what was called in an earlier one has no say in this. */
  let epoch = 0;
  let underWay = 0;
  let opensInARow = 0;
  let failuresInARow = 0;
  let notBeforeMs = 0;

  function enter(next: Phase): void {
    phase = next;
    epoch += 1;
    underWay = 0;
    failuresInARow = 0;
    window.clear();
    onChange(state());
  }

  function open(reason: string, openMs: number, { isRefusal = false } = {}): void {
    const share = leastOfOpenTime + (1 - leastOfOpenTime) * random();
    enter({ kind: 'open', reason, untilMs: clock.now() + openMs * share, isRefusal });
  }

  function openForFailures(reason: string): void {
    const openMs = Math.min(settings.openMs * 2 ** opensInARow, settings.longestOpenMs);
    opensInARow += 1;
    open(reason, openMs);
  }

  function tryAgain(reason: string): void {
    enter({ kind: 'probing', reason, succeeded: 0 });
  }

  /** What time alone changes. */
  function catchUp(): void {
    const nowMs = clock.now();
    if (phase.kind === 'open' && nowMs >= phase.untilMs) {
      tryAgain(phase.reason);
    } else if (phase.kind === 'recovering' && nowMs >= phase.sinceMs + settings.rampMs) {
      opensInARow = 0;
      enter({ kind: 'closed' });
    }
  }

  function state(): BreakerState {
    switch (phase.kind) {
      case 'open':
        return { kind: 'open', reason: phase.reason, untilMs: phase.untilMs };
      case 'probing':
        return { kind: 'probing', reason: phase.reason, isFull: underWay >= settings.probes };
      case 'recovering': {
        const share = (clock.now() - phase.sinceMs) / settings.rampMs;
        return { kind: 'recovering', share: Math.min(1, Math.max(smallestShare, share)) };
      }
      default:
        return phase;
    }
  }

  function succeed(): void {
    failuresInARow = 0;
    window.add(clock.now(), false);
    // What was forced has shown that it works again.
    if (phase.kind === 'open') tryAgain(phase.reason);
    if (phase.kind !== 'probing') return;
    phase.succeeded += 1;
    if (phase.succeeded >= settings.probes) enter({ kind: 'recovering', sinceMs: clock.now() });
  }

  function fail(reason: string): void {
    if (phase.kind === 'open') return;
    failuresInARow += 1;
    window.add(clock.now(), true);
    const { calls, failures } = window.counts(clock.now());
    const isMostlyFailing =
      calls >= settings.minimumCalls && failures >= settings.failureShare * calls;
    if (phase.kind === 'probing') openForFailures(reason);
    else if (isMostlyFailing) openForFailures(`${failures} of ${calls} calls failed: ${reason}`);
    else if (failuresInARow >= settings.failuresInARow) {
      openForFailures(`${failuresInARow} calls in a row failed: ${reason}`);
    }
  }

  function apply(verdict: Verdict): void {
    switch (verdict.kind) {
      case 'success':
        succeed();
        break;
      case 'failure':
        fail(verdict.reason);
        break;
      case 'refusal':
        open(verdict.reason, settings.refusalMs, { isRefusal: true });
        break;
      case 'wait':
        notBeforeMs = Math.max(notBeforeMs, clock.now() + verdict.forMs);
        break;
      case 'none':
        break;
    }
  }

  function mayCall(isForced: boolean): boolean {
    if (!isForced && notBeforeMs > clock.now()) return false;
    switch (phase.kind) {
      case 'closed':
      case 'recovering':
        return true;
      case 'probing':
        return underWay < settings.probes;
      case 'open':
        return isForced && underWay === 0;
      case 'isolated':
        return false;
    }
  }

  return {
    state() {
      catchUp();
      return state();
    },
    notBeforeMs: () => (notBeforeMs > clock.now() ? notBeforeMs : undefined),
    admit({ force = false } = {}) {
      catchUp();
      if (!mayCall(force)) return undefined;
      const admittedIn = epoch;
      underWay += 1;
      let isSettled = false;
      return {
        settle(verdict) {
          if (isSettled) return;
          isSettled = true;
          catchUp();
          if (admittedIn !== epoch) return;
          underWay -= 1;
          apply(verdict);
        },
      };
    },
    hear(verdict) {
      catchUp();
      const isSuccess = verdict.kind === 'success';
      switch (phase.kind) {
        case 'closed':
        case 'recovering':
          apply(verdict);
          break;
        case 'probing':
          if (!isSuccess) apply(verdict);
          break;
        case 'open':
          if (isSuccess && !phase.isRefusal) tryAgain(phase.reason);
          break;
        case 'isolated':
          break;
      }
    },
    isolate: (reason) => enter({ kind: 'isolated', reason }),
    release() {
      opensInARow = 0;
      notBeforeMs = 0;
      enter({ kind: 'closed' });
    },
  };
}
