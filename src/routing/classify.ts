import { compareTexts } from '../compare-texts.ts';

/** A labelled neighbour, as far as the vote needs it. */
export interface Voter {
  readonly className: string;
  readonly similarity: number;
}

export interface ClassProbability {
  readonly className: string;
  readonly probability: number;
}

/** Turns neighbours into the probability of every class, most likely first, summing to 1. */
type Vote = (voters: readonly Voter[]) => ClassProbability[];

/**
 * Similarity-weighted vote: a neighbour counts e^(sharpness × similarity). Classes without a neighbour
 * get zero; without any neighbour all are equally likely. Ties go by name, so that the result does not
 * depend on the order of the examples.
 */
export function createVote(options: {
  readonly classNames: readonly string[];
  readonly sharpness: number;
}): Vote {
  return (voters) => {
    const weights = new Map(options.classNames.map((name) => [name, 0]));
    // Relative to the nearest, so that a high sharpness can't overflow.
    const nearest = Math.max(...voters.map(({ similarity }) => similarity));
    for (const { className, similarity } of voters) {
      const weight = Math.exp(options.sharpness * (similarity - nearest));
      weights.set(className, (weights.get(className) ?? 0) + weight);
    }
    return rank([...weights].map(([className, weight]) => ({ className, weight })));
  };
}

/** Weights as probabilities, most likely first; all equal when nothing weighs anything. */
export function rank(
  weights: readonly { readonly className: string; readonly weight: number }[],
): ClassProbability[] {
  const total = weights.reduce((sum, { weight }) => sum + weight, 0);
  // By weight: the division may make two equal that are not, and then a temperature would change their order.
  return weights
    .toSorted((a, b) => b.weight - a.weight || compareTexts(a.className, b.className))
    .map(({ className, weight }) => ({
      className,
      probability: total === 0 ? 1 / weights.length : weight / total,
    }));
}
