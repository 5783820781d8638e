import type { HeadReasons } from '../classifier/explain-head.ts';
import type { ClassProbability } from './classify.ts';
import type { ContextFacts } from './conversation/weigh-turns.ts';
import type {
  AbstainReason,
  AskFacts,
  Basis,
  Decision,
  DecisionNeighbour,
  TierName,
} from './decision.ts';

/** What was found out about the ask before deciding. */
export type Evidence =
  | { readonly kind: 'none'; readonly reason: AbstainReason; readonly ask: AskFacts | undefined }
  | {
      readonly kind: 'weighed';
      /** Undefined where no text could be read. */
      readonly tier: TierName | undefined;
      readonly posterior: readonly ClassProbability[];
      readonly reasons?: HeadReasons | undefined;
      readonly neighbours: readonly DecisionNeighbour[];
      /** The example that the prompt equals after normalisation. */
      readonly same: { readonly id: string; readonly className: string } | undefined;
      readonly context: ContextFacts | undefined;
      readonly ask: AskFacts;
    };

export interface RoutingRules {
  readonly defaultClass: string;
  /** The confidence below which a class does not serve. */
  readonly thresholdOf: (className: string) => number;
  /** Confidence × similarity of the nearest example, below which the ask is unlike every example. */
  readonly outOfScopeBelow: number;
}

/** Decides which class serves. Pure: the same evidence and rules give the same decision. */
export function decide(
  evidence: Evidence,
  rules: RoutingRules,
  bundle: Decision['bundle'],
): Decision {
  const { ask } = evidence;
  if (evidence.kind === 'none') {
    const basis: Basis = { kind: 'abstained', reason: evidence.reason };
    return {
      className: rules.defaultClass,
      confidence: undefined,
      basis,
      tier: undefined,
      posterior: [],
      reasons: undefined,
      neighbours: [],
      context: undefined,
      ask,
      bundle,
    };
  }
  const { tier, neighbours, reasons, context } = evidence;
  return { tier, reasons, neighbours, context, ask, bundle, ...choose(evidence, rules) };
}

function choose(
  evidence: Extract<Evidence, { kind: 'weighed' }>,
  rules: RoutingRules,
): Pick<Decision, 'className' | 'confidence' | 'basis' | 'posterior'> {
  const { posterior, same, context } = evidence;
  if (same !== undefined) {
    return {
      className: same.className,
      confidence: 1,
      basis: { kind: 'example', exampleId: same.id },
      posterior: certain(posterior, same.className),
    };
  }
  const [best] = posterior;
  const isForeign = best !== undefined && inScopeScore(evidence) < rules.outOfScopeBelow;
  if (best !== undefined && !isForeign && best.probability >= rules.thresholdOf(best.className)) {
    const { className, probability } = best;
    return { className, confidence: probability, basis: { kind: 'posterior' }, posterior };
  }
  const className = classBefore(context) ?? rules.defaultClass;
  return {
    className,
    confidence: posterior.find((entry) => entry.className === className)?.probability,
    basis: { kind: 'abstained', reason: isForeign ? 'out-of-scope' : 'low-confidence' },
    posterior,
  };
}

/** Who is unsure what an ask is about stays with what the conversation was about, if that was more likely than not. */
export function classBefore(context: Pick<ContextFacts, 'prior'> | undefined): string | undefined {
  const [before] = context?.prior ?? [];
  return before !== undefined && before.probability > 0.5 ? before.className : undefined;
}

/**
 * Large for an ask like the examples: how sure the class is, times how near the nearest example is. As far as an ask
 * only goes on, no example needs to be like it. The static tier looks for none: its being sure is enough.
 */
export function inScopeScore({
  posterior: [best],
  neighbours,
  context,
  tier,
}: Pick<Decision, 'posterior' | 'neighbours' | 'context' | 'tier'>): number {
  const contextShare = context?.share ?? 0;
  const nearness = tier === 'static' ? 1 : Math.max(0, neighbours[0]?.similarity ?? 0);
  return (best?.probability ?? 0) * (contextShare + (1 - contextShare) * nearness);
}

/** All probability on one class; the order of the others stays, for the fallbacks. */
function certain(posterior: readonly ClassProbability[], className: string): ClassProbability[] {
  const others = posterior.filter((entry) => entry.className !== className);
  return [
    { className, probability: 1 },
    ...others.map((entry) => ({ className: entry.className, probability: 0 })),
  ];
}

/** The decision of a request that names its class or its model. */
export function forcedDecision(
  className: string | undefined,
  bundle: Decision['bundle'],
): Decision {
  return {
    className,
    confidence: undefined,
    basis: { kind: 'forced' },
    tier: undefined,
    posterior: [],
    reasons: undefined,
    neighbours: [],
    context: undefined,
    ask: undefined,
    bundle,
  };
}
