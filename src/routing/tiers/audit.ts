import type { Clock, Timer } from '../../clock.ts';
import type { Random } from '../../random.ts';
import type { TierObserver } from '../../telemetry/tier-observer.ts';
import { startStopwatch } from '../stopwatch.ts';
import { type AskedConversation, meanTheSame, type Tier, type Weighed } from './tier.ts';

/** By then the request has gone on to its model. */
const delayMs = 1_000;
/** What waits for its turn keeps a prompt in memory. */
const mostWaiting = 16;

/** Asks the last tier, after the request, about a few of the prompts that a cheaper one was sure of. */
export interface Audit {
  consider(conversation: AskedConversation, sure: Weighed): void;
  /** Asks about nothing any more. */
  close(): void;
}

export interface AuditOptions {
  /** Of what is considered, at random. */
  readonly share: number;
  readonly random: Random;
  /** The last tier, as it is then. */
  readonly tier: () => Tier;
  /** No request waits for the encoder. */
  readonly isIdle: () => boolean;
  readonly observer: TierObserver;
  readonly clock: Clock;
}

export function createAudit(options: AuditOptions): Audit {
  const { share, random, tier, isIdle, observer, clock } = options;
  const waiting = new Set<Timer>();

  async function compare(conversation: AskedConversation, sure: Weighed): Promise<void> {
    if (!isIdle()) return;
    const full = await tier().weigh(conversation, startStopwatch(clock));
    if (full?.kind === 'weighed') {
      observer.compared({ wasSure: true, agrees: meanTheSame(sure, full) });
    }
  }

  return {
    consider(conversation, sure) {
      if (random() >= share || waiting.size >= mostWaiting) return;
      const timer = clock.setTimer(delayMs, () => {
        waiting.delete(timer);
        void compare(conversation, sure);
      });
      waiting.add(timer);
    },
    close() {
      for (const timer of waiting) timer.cancel();
      waiting.clear();
    },
  };
}
