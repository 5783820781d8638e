import { explainHead, type HeadReasons } from '../classifier/explain-head.ts';
import {
  type HeadInput,
  type LinearHead,
  predict,
  type RecordedInput,
} from '../classifier/linear-head.ts';
import { type ClassProbability, createVote, rank, type Voter } from './classify.ts';

/** What is known of an ask when its class is weighed. */
export type Weighable = (HeadInput | RecordedInput) & { readonly neighbours: readonly Voter[] };

/** The probability of every class, most likely first, summing to 1. */
export type Classify = (ask: Weighable) => ClassProbability[];

/** Why the head favours a class; undefined where it has no part in the decision. */
export type Reason = (ask: HeadInput, className: string) => HeadReasons | undefined;

export interface PosteriorSettings {
  readonly classNames: readonly string[];
  /** A neighbour's weight in the vote is e^(sharpness × similarity). */
  readonly sharpness: number;
  /** How much of the posterior is the neighbours' vote; the head has the rest. */
  readonly voteShare: number;
  /** Below 1 the mixture is more certain than its parts, which hedge twice; fitted on held-out folds. */
  readonly temperature: number;
}

/** Mixes the neighbours' vote with the head. Without a head or a vector the vote decides alone. */
export function createPosterior(
  settings: PosteriorSettings,
  head: () => LinearHead | undefined,
): Classify {
  const vote = createVote(settings);
  const { voteShare, temperature } = settings;
  return (ask) => {
    const votes = vote(ask.neighbours);
    const fitted = head();
    if (fitted === undefined || ask.vectors.length === 0) return votes;
    const predicted = predict(fitted, ask);
    const mixture = votes.map(({ className, probability }) => ({
      className,
      share: voteShare * probability + (1 - voteShare) * (predicted.get(className) ?? 0),
    }));
    // Relative to the largest, so that a low temperature can't make all of them vanish.
    const largest = Math.max(...mixture.map(({ share }) => share)) || 1;
    return rank(
      mixture.map(({ className, share }) => ({
        className,
        weight: (share / largest) ** (1 / temperature),
      })),
    );
  };
}

/** Explains what `createPosterior` weighs with the same head. */
export function createReasoning(head: () => LinearHead | undefined): Reason {
  return (ask, className) => {
    const fitted = head();
    if (fitted === undefined || ask.vectors.length === 0) return undefined;
    return explainHead(fitted, ask, className);
  };
}
