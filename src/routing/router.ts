import type { Classify, ClassProbability } from './classify.ts';
import type { AbstainReason, AskFacts, Basis, Decision, DecisionNeighbour } from './decision.ts';

/** What was found out about the ask before deciding. */
export type Evidence =
  | { readonly kind: 'none'; readonly reason: AbstainReason; readonly ask: AskFacts | undefined }
  | {
      readonly kind: 'neighbours';
      readonly neighbours: readonly DecisionNeighbour[];
      /** The example that the prompt equals after normalisation. */
      readonly same: { readonly id: string; readonly className: string } | undefined;
      readonly ask: AskFacts;
    };

export interface RoutingRules {
  readonly classify: Classify;
  readonly defaultClass: string;
  /** The confidence below which a class does not serve. */
  readonly thresholdOf: (className: string) => number;
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
      posterior: [],
      neighbours: [],
      ask,
      bundle,
    };
  }
  const { neighbours } = evidence;
  const { className, confidence, basis, posterior } = choose(evidence, rules);
  return { className, confidence, basis, posterior, neighbours, ask, bundle };
}

function choose(
  { neighbours, same }: Extract<Evidence, { kind: 'neighbours' }>,
  rules: RoutingRules,
): Pick<Decision, 'className' | 'confidence' | 'basis' | 'posterior'> {
  const vote = rules.classify(neighbours);
  if (same !== undefined) {
    return {
      className: same.className,
      confidence: 1,
      basis: { kind: 'example', exampleId: same.id },
      posterior: certain(vote, same.className),
    };
  }
  const [best] = vote;
  if (best !== undefined && best.probability >= rules.thresholdOf(best.className)) {
    const { className, probability } = best;
    return { className, confidence: probability, basis: { kind: 'neighbours' }, posterior: vote };
  }
  return {
    className: rules.defaultClass,
    confidence: vote.find(({ className }) => className === rules.defaultClass)?.probability,
    basis: { kind: 'abstained', reason: 'low-confidence' },
    posterior: vote,
  };
}

/** All probability on one class; the order of the others stays, for the fallbacks. */
function certain(vote: readonly ClassProbability[], className: string): ClassProbability[] {
  const others = vote.filter((entry) => entry.className !== className);
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
    posterior: [],
    neighbours: [],
    ask: undefined,
    bundle,
  };
}
