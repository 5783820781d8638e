import { featureId } from './feature-ids.ts';
import { columnOf } from './feature-table.ts';
import { blocksOf, dotAt, encodeInput, type HeadInput, type LinearHead } from './linear-head.ts';
import { type NamedFeature, nameFeature, toSparseFeatures } from './sparse-features.ts';

/** A feature of the wording, and by how much it raises the class above the mean of all classes: a difference of logits. */
export interface SpeakingFeature extends NamedFeature {
  readonly weight: number;
}

/** Why the head favours a class. */
export interface HeadReasons {
  /** The most likely class, which is not the one that serves after an abstention. */
  readonly className: string;
  /** What speaks for it most, at most five, strongest first. */
  readonly wording: readonly SpeakingFeature[];
  /** How much of all that speaks for it is in the vectors, which know meaning, and not in the wording; 0 to 1. */
  readonly meaningShare: number;
}

const shown = 5;

/** What of the text speaks for a class; undefined where the head does not know the class. */
export function explainHead(
  head: LinearHead,
  input: HeadInput,
  className: string,
): HeadReasons | undefined {
  const { classNames, vocabulary, denseWeights, sparseWeights, sparseUnits, dimensions } = head;
  const classes = classNames.length;
  const chosen = classNames.indexOf(className);
  if (chosen === -1) return undefined;
  const { dense, columns, values } = encodeInput(input, head);
  const aboveMean = (logitOf: (index: number) => number): number => {
    let sum = 0;
    for (let index = 0; index < classes; index += 1) sum += logitOf(index);
    return logitOf(chosen) - sum / classes;
  };
  const meaning = aboveMean((index) =>
    dotAt(denseWeights, index * blocksOf(head) * dimensions, dense),
  );
  const valueAt = new Map([...columns].map((column, entry) => [column, values[entry] ?? 0]));
  const speaking = [...toSparseFeatures(input.text).keys()]
    .flatMap((feature): SpeakingFeature[] => {
      const column = columnOf(vocabulary, featureId(feature));
      if (column === -1) return [];
      const units = aboveMean((index) => sparseWeights[column * classes + index] ?? 0);
      const logit = units * (sparseUnits[column] ?? 0);
      return [{ ...nameFeature(feature), weight: logit * (valueAt.get(column) ?? 0) }];
    })
    .filter(({ weight }) => weight > 0);
  const total = speaking.reduce((sum, { weight }) => sum + weight, Math.max(0, meaning));
  return {
    className,
    wording: speaking.toSorted((a, b) => b.weight - a.weight).slice(0, shown),
    meaningShare: total === 0 ? 0 : Math.max(0, meaning) / total,
  };
}
