import type { Figure, Prediction } from './metrics.ts';

/** What the first tier is worth: what it decides is not decided by the last one. */
export interface FirstTierFigures {
  /** Of the prompts in scope. */
  readonly share: Figure;
  /** Of what it decided: how often that is right, how often the last tier would have been, and how often both mean the same. */
  readonly accuracy: Figure;
  readonly lastTierAccuracy: Figure;
  readonly agreement: Figure;
  /** Of all prompts in scope: how often the last tier alone is right. */
  readonly accuracyWithout: Figure;
  /** Of the prompts out of scope: what it decided all the same. */
  readonly oosShare: Figure;
}

/** Null where no prompt was decided by the first tier. */
export function firstTierFiguresOf(predictions: readonly Prediction[]): FirstTierFigures | null {
  if (!predictions.some(isOfFirstTier)) return null;
  const inScope = predictions.filter(({ isOutOfScope }) => !isOutOfScope);
  const outOfScope = predictions.filter(({ isOutOfScope }) => isOutOfScope);
  const decided = inScope.filter(isOfFirstTier);
  return {
    share: shareOf(inScope, isOfFirstTier),
    accuracy: shareOf(decided, ({ accepted, predicted }) => accepted.has(predicted)),
    lastTierAccuracy: shareOf(decided, isLastTierRight),
    agreement: shareOf(decided, (it) => it.predicted === it.predictedByLastTier),
    accuracyWithout: shareOf(inScope, isLastTierRight),
    oosShare: shareOf(outOfScope, isOfFirstTier),
  };
}

function isOfFirstTier({ tier }: Prediction): boolean {
  return tier === 'static';
}

function isLastTierRight({ accepted, predictedByLastTier }: Prediction): boolean {
  return accepted.has(predictedByLastTier);
}

function shareOf(items: readonly Prediction[], holds: (item: Prediction) => boolean): Figure {
  return items.length === 0 ? null : items.filter(holds).length / items.length;
}
