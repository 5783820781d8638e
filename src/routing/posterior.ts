import { explainHead, type HeadReasons } from '../classifier/explain-head.ts';
import { goesOn } from '../classifier/goes-on.ts';
import {
  type HeadInput,
  type LinearHead,
  predict,
  type RecordedInput,
} from '../classifier/linear-head.ts';
import { type ClassProbability, createVote, rank, type Voter } from './classify.ts';

/** What the head makes of a text. */
interface Reading {
  /** The probability of every class that routes, if the text asks for something of its own; they sum to 1. */
  readonly shares: ReadonlyMap<string, number>;
  /** The probability that it only goes on with what was asked before. */
  readonly goesOn: number;
}

export interface Classifier {
  /** What it reads by: another one once the head follows a change of the examples. */
  basis(): unknown;
  /** Undefined without a head or a vector. */
  read(text: HeadInput | RecordedInput): Reading | undefined;
  /**
   * Mixes the neighbours' vote with the head: the probability of every class, most likely first, summing to 1. Without
   * a reading the vote decides alone.
   */
  classify(reading: Reading | undefined, neighbours: readonly Voter[]): ClassProbability[];
  /** Why the head favours a class; undefined where it has no part in the decision. */
  reason(text: HeadInput, className: string): HeadReasons | undefined;
}

export interface PosteriorSettings {
  readonly classNames: readonly string[];
  /** A neighbour's weight in the vote is e^(sharpness × similarity). */
  readonly sharpness: number;
  /** How much of the posterior is the neighbours' vote; the head has the rest. */
  readonly voteShare: number;
  /** Below 1 the mixture is more certain than its parts, which hedge twice; fitted on held-out folds. */
  readonly temperature: number;
}

export function createClassifier(
  settings: PosteriorSettings,
  head: () => LinearHead | undefined,
): Classifier {
  const vote = createVote(settings);
  const { classNames, voteShare, temperature } = settings;
  return {
    basis: head,
    read(text) {
      const fitted = head();
      if (fitted === undefined || text.vectors.length === 0) return undefined;
      return toReading(predict(fitted, text));
    },
    classify(reading, neighbours) {
      if (reading === undefined) return vote(neighbours);
      const { shares } = reading;
      const mixture =
        voteShare === 0
          ? classNames.map((className) => ({ className, share: shares.get(className) ?? 0 }))
          : vote(neighbours).map(({ className, probability }) => ({
              className,
              share: voteShare * probability + (1 - voteShare) * (shares.get(className) ?? 0),
            }));
      // Relative to the largest, so that a low temperature can't make all of them vanish.
      const largest = Math.max(...mixture.map(({ share }) => share)) || 1;
      return rank(
        mixture.map(({ className, share }) => ({
          className,
          weight: (share / largest) ** (1 / temperature),
        })),
      );
    },
    reason(text, className) {
      const fitted = head();
      if (fitted === undefined || text.vectors.length === 0) return undefined;
      return explainHead(fitted, text, className);
    },
  };
}

function toReading(predicted: ReadonlyMap<string, number>): Reading {
  const onward = predicted.get(goesOn);
  if (onward === undefined) return { shares: predicted, goesOn: 0 };
  const others = [...predicted].filter(([className]) => className !== goesOn);
  // Added up, since 1 − onward has no digits left where onward is nearly all.
  const total = others.reduce((sum, [, share]) => sum + share, 0) || 1;
  return { shares: new Map(others.map(([name, share]) => [name, share / total])), goesOn: onward };
}
