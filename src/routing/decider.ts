import { type ReadText, readText } from '../classifier/read-text.ts';
import type { Clock } from '../clock.ts';
import type { LiveExamples } from '../index/live-examples.ts';
import type { TierObserver } from '../telemetry/tier-observer.ts';
import type { Conversation } from './conversation/read-conversation.ts';
import { isNewTask } from './conversation/weigh-turns.ts';
import type { AskFacts, Decision } from './decision.ts';
import { decide, type Evidence, forcedDecision, type RoutingRules } from './router.ts';
import { type DecisionTimings, noTime, startStopwatch } from './stopwatch.ts';
import type { Audit } from './tiers/audit.ts';
import type { Tier, Unread, Weighed } from './tiers/tier.ts';
import { walkTiers } from './tiers/walk-tiers.ts';

export interface Decided {
  readonly decision: Decision;
  readonly timings: DecisionTimings;
  /** Makes the record that it can be decided by again; absent where no vector took part. */
  readonly recordFeatures?: () => Uint8Array;
}

/** Takes a request from its conversation to a decision. */
export interface Decider {
  /**
   * Never rejects: where there is nothing to decide by, the default class serves and says why. With `explain` the last
   * tier decides, and the decision also says what spoke for its class.
   */
  decide(conversation: Conversation, options?: { readonly explain?: boolean }): Promise<Decided>;
  /** The decision of a request that names its class, or (undefined) its model. */
  force(className: string | undefined): Decided;
}

export interface DeciderOptions {
  /** From cheap to dear; the last one reads every conversation and is always sure. */
  readonly tiers: readonly [...Tier[], Tier];
  readonly examples: Pick<LiveExamples, 'findByText' | 'hash'>;
  readonly rules: RoutingRules;
  readonly clock: Clock;
  readonly observer?: TierObserver | undefined;
  readonly audit?: Audit | undefined;
}

/** Enough to see what was taken for the ask. */
const excerptCharacters = 200;

export function createDecider(options: DeciderOptions): Decider {
  const { tiers, examples, rules, clock, observer, audit } = options;
  const last = tiers.at(-1) as Tier;
  const bundle = ({ encoderHash }: Pick<Tier, 'encoderHash'> = last) => ({
    encoderHash,
    exampleSetHash: examples.hash,
  });

  return {
    force: (className) => ({ decision: forcedDecision(className, bundle()), timings: noTime }),
    async decide({ ask: text, earlier, reply }, { explain = false } = {}) {
      if (text === undefined) {
        const evidence: Evidence = { kind: 'none', reason: 'no-ask', ask: undefined };
        return { decision: decide(evidence, rules, bundle()), timings: noTime };
      }
      const stopwatch = startStopwatch(clock);
      const equal = examples.findByText(text);
      const ask = readText(text);
      const asked = { ask, earlier, reply };
      const weighed = await walkTiers(asked, {
        tiers: explain ? [last] : tiers,
        isKnown: equal !== undefined,
        stopwatch,
        observer,
        audit,
      });
      const evidence = toEvidence(ask, { weighed, equal, explain });
      if (weighed.kind === 'unread') {
        const decision = decide(evidence, rules, bundle());
        stopwatch.lap('weighMs');
        return { decision, timings: stopwatch.timings() };
      }
      const decision = decide(evidence, rules, bundle(weighed));
      stopwatch.lap('weighMs');
      const { recordFeatures } = weighed;
      return { decision, timings: stopwatch.timings(), recordFeatures };
    },
  };
}

function toEvidence(
  read: ReadText,
  found: {
    readonly weighed: Weighed | Unread;
    readonly equal: { readonly id: string; readonly className: string } | undefined;
    readonly explain: boolean;
  },
): Evidence {
  const { weighed, equal, explain } = found;
  const { text } = read;
  if (weighed.kind === 'unread') {
    const { reason, posterior } = weighed;
    const ask = toAskFacts(text, read.views.length, undefined);
    if (equal === undefined) return { kind: 'none', reason, ask };
    const nothing = { tier: undefined, neighbours: [], context: undefined };
    return { kind: 'weighed', ...nothing, posterior, same: equal, ask };
  }
  const { tier, posterior, neighbours, context, ask } = weighed;
  // What only goes on may have the words of an example, and yet be about something else.
  const same = isNewTask(context) ? equal : undefined;
  const reasons = explain && same === undefined ? weighed.reason() : undefined;
  const tokens = ask.views.reduce((sum, view) => sum + view.tokens, 0);
  const facts = toAskFacts(text, ask.views.length, tokens);
  return { kind: 'weighed', tier, posterior, reasons, neighbours, same, context, ask: facts };
}

function toAskFacts(text: string, views: number, tokens: number | undefined): AskFacts {
  return {
    excerpt: text.slice(0, excerptCharacters),
    characters: text.length,
    read: views === 1 ? 'whole' : 'ends',
    tokens,
  };
}
