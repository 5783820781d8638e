import type { TierObserver } from '../../telemetry/tier-observer.ts';
import type { Stopwatch } from '../stopwatch.ts';
import type { Audit } from './audit.ts';
import {
  type AskedConversation,
  meanTheSame,
  type Tier,
  type Unread,
  type Weighed,
} from './tier.ts';

export interface WalkOptions {
  /** From cheap to dear; the last one reads every conversation and is always sure. */
  readonly tiers: readonly Tier[];
  /** The class is known already: nobody needs to be sure of it, only the order of the others is weighed. */
  readonly isKnown: boolean;
  readonly stopwatch: Stopwatch;
  readonly observer: TierObserver | undefined;
  readonly audit: Audit | undefined;
}

/** What the first tier says that is sure. */
export async function walkTiers(
  conversation: AskedConversation,
  { tiers, isKnown, stopwatch, observer, audit }: WalkOptions,
): Promise<Weighed | Unread> {
  let unsure: Weighed | undefined;
  for (const tier of tiers) {
    const weighed = await tier.weigh(conversation, stopwatch);
    stopwatch.lap('weighMs');
    if (weighed === undefined) continue;
    if (weighed.kind === 'unread') return weighed;
    if (!isKnown && !tier.isSure(weighed)) {
      unsure = weighed;
      continue;
    }
    if (unsure !== undefined) {
      observer?.compared({ wasSure: false, agrees: meanTheSame(unsure, weighed) });
    } else if (!isKnown && tier !== tiers.at(-1)) {
      audit?.consider(conversation, weighed);
    }
    return weighed;
  }
  throw new Error('The last tier should read every conversation.');
}
