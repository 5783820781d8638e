import type { Clock, Timer } from '../clock.ts';
import type { Failure } from './failure.ts';

/** Why we ended a call ourselves. */
export type Interruption =
  | { readonly kind: 'client-gone' }
  | { readonly kind: 'failed'; readonly failure: Failure };

/** Everything that can end one call from our side: the client leaving, and time running out. */
export interface CallGuard {
  /** Aborted when the call is interrupted, and when it is over. */
  readonly signal: AbortSignal;
  elapsedMs(): number;
  interruption(): Interruption | undefined;
  /** Interrupts the call with this failure unless the timer is cancelled in time. */
  limit(limitMs: number, failure: Failure): Timer;
  /** The call is over: cancels every timer and aborts what may still be coming in. */
  close(): void;
}

export interface CallGuardOptions {
  readonly clock: Clock;
  /** Aborts when the client is gone. */
  readonly signal: AbortSignal;
}

/** One for all: every call ends with it, and most of what a new one costs is a stack that nobody reads. */
const over = new DOMException('The call is over.', 'AbortError');

export function createCallGuard({ clock, signal }: CallGuardOptions): CallGuard {
  const startedAtMs = clock.now();
  const controller = new AbortController();
  const timers = new Set<Timer>();
  let interruption: Interruption | undefined;

  function close(): void {
    for (const timer of timers) timer.cancel();
    timers.clear();
    signal.removeEventListener('abort', onClientGone);
    controller.abort(over);
  }

  function interrupt(reason: Interruption): void {
    interruption = reason;
    close();
  }

  function onClientGone(): void {
    interrupt({ kind: 'client-gone' });
  }

  signal.addEventListener('abort', onClientGone);
  if (signal.aborted) onClientGone();

  return {
    signal: controller.signal,
    elapsedMs: () => clock.now() - startedAtMs,
    interruption: () => interruption,

    limit(limitMs, failure) {
      if (controller.signal.aborted) return { cancel() {} };
      const timer = clock.setTimer(limitMs, () => interrupt({ kind: 'failed', failure }));
      timers.add(timer);
      return {
        cancel() {
          timer.cancel();
          timers.delete(timer);
        },
      };
    },

    close,
  };
}
