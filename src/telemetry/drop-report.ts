import type { Clock, Timer } from '../clock.ts';
import type { Logger } from './log.ts';

export interface DropReport {
  readonly dropped: number;
  add(count: number, reason: string): void;
  close(): void;
}

const everyMs = 60_000;

/** Counts what is lost, and says so at once and then at most once a minute. */
export function createDropReport(
  what: string,
  clock: Clock,
  logger: Pick<Logger, 'error'>,
): DropReport {
  let dropped = 0;
  let untold = 0;
  let lastReason = '';
  let timer: Timer | undefined;

  function tell(): void {
    timer = undefined;
    if (untold === 0) return;
    logger.error({ dropped: untold, reason: lastReason }, `${what} dropped: ${untold}`);
    untold = 0;
    timer = clock.setTimer(everyMs, tell);
  }

  return {
    get dropped() {
      return dropped;
    },
    add(count, reason) {
      dropped += count;
      untold += count;
      lastReason = reason;
      if (timer === undefined) tell();
    },
    close() {
      timer?.cancel();
      tell();
      timer?.cancel();
    },
  };
}
