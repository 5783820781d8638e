import type { HeadReasons } from '../../classifier/explain-head.ts';
import type { ReadText } from '../../classifier/read-text.ts';
import type { ClassProbability } from '../classify.ts';
import type { Conversation } from '../conversation/read-conversation.ts';
import type { ContextFacts, EmbeddedTurn } from '../conversation/weigh-turns.ts';
import type { AbstainReason, DecisionNeighbour, TierName } from '../decision.ts';
import type { Stopwatch } from '../stopwatch.ts';

/** A conversation that somebody asks something in. */
export interface AskedConversation extends Pick<Conversation, 'earlier' | 'reply'> {
  readonly ask: ReadText;
}

/** What a tier makes of a conversation. */
export interface Weighed {
  readonly kind: 'weighed';
  readonly tier: TierName;
  readonly encoderHash: string;
  readonly ask: EmbeddedTurn;
  readonly posterior: readonly ClassProbability[];
  readonly neighbours: readonly DecisionNeighbour[];
  readonly context: ContextFacts | undefined;
  /** Why the tier's head favours the most likely class; undefined where it has no part in it. */
  readonly reason: () => HeadReasons | undefined;
  /** Makes the record that it can be decided by again. */
  readonly recordFeatures: () => Uint8Array;
}

/** The tier can't read the text now. */
export interface Unread {
  readonly kind: 'unread';
  readonly reason: AbstainReason;
  /** All that is known then: every class, equally likely. */
  readonly posterior: readonly ClassProbability[];
}

/** One way of weighing a conversation; a dearer one is more exact. */
export interface Tier {
  readonly name: TierName;
  readonly encoderHash: string;
  /** Never rejects. Undefined where it has nothing to say about such a conversation. */
  weigh(
    conversation: AskedConversation,
    stopwatch: Stopwatch,
  ): Promise<Weighed | Unread | undefined> | Weighed | undefined;
  /** Whether what it says decides, so that no dearer tier is asked. */
  isSure(weighed: Weighed): boolean;
}

/** They have the same class for the most likely one. */
export function meanTheSame(one: Weighed, other: Weighed): boolean {
  return one.posterior[0]?.className === other.posterior[0]?.className;
}
