import type { Clock } from '../../clock.ts';
import { messageOf } from '../../errors.ts';
import type { DecisionStore } from '../decisions/decision-store.ts';
import type { Logger } from '../log.ts';
import { longestWindowMs, type Stats } from './stats.ts';

/** A day of more requests than that begins later. */
const maxDecisions = 200_000;

/** Counts what was decided before this process began, page by page while requests go on. Never rejects. */
export async function restoreStats(
  stats: Stats,
  how: {
    readonly decisions: Pick<DecisionStore, 'measured'>;
    readonly clock: Clock;
    readonly logger: Pick<Logger, 'info' | 'warn'>;
  },
): Promise<void> {
  const { decisions, clock, logger } = how;
  const toMs = clock.now();
  const fromMs = toMs - longestWindowMs;
  let counted = 0;
  try {
    let before: number | undefined;
    do {
      const { requests, next } = await decisions.measured({ fromMs, toMs, before });
      for (const request of requests) stats.add(request);
      counted += requests.length;
      before = next;
    } while (before !== undefined && counted < maxDecisions);
    if (counted > 0) logger.info({ decisions: counted }, 'the statistics go on where they stood');
  } catch (error) {
    logger.warn({ reason: messageOf(error) }, 'the statistics begin anew');
  }
}
