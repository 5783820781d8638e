import type { Clock } from '../clock.ts';

/** Waits, or until the signal fires. True when the time is over, false when it was cut short. */
export function wait(clock: Clock, ms: number, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return Promise.resolve(false);
  return new Promise((resolve) => {
    const end = (isOver: boolean): void => {
      timer.cancel();
      signal.removeEventListener('abort', onAbort);
      resolve(isOver);
    };
    const onAbort = (): void => end(false);
    const timer = clock.setTimer(ms, () => end(true));
    signal.addEventListener('abort', onAbort);
  });
}
