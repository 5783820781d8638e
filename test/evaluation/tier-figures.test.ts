import { describe, expect, it } from 'vitest';
import { firstTierFiguresOf } from '../../src/evaluation/tier-figures.ts';
import { makePrediction } from './make-prediction.ts';

const isOfFirst = { tier: 'static' } as const;

describe('the figures of the first tier', () => {
  it('say what it decides and what the last tier would have made of it', () => {
    const figures = firstTierFiguresOf([
      makePrediction(isOfFirst),
      makePrediction({ ...isOfFirst, predictedByLastTier: 'b' }),
      makePrediction({ ...isOfFirst, predicted: 'b', predictedByLastTier: 'a' }),
      makePrediction({ ...isOfFirst, predicted: 'b', predictedByLastTier: 'b' }),
      makePrediction({ predicted: 'b', predictedByLastTier: 'b' }),
      makePrediction({ ...isOfFirst, isOutOfScope: true, trueClass: 'oos' }),
      makePrediction({ isOutOfScope: true, trueClass: 'oos' }),
    ]);
    expect(figures).toEqual({
      share: 4 / 5,
      accuracy: 2 / 4,
      lastTierAccuracy: 2 / 4,
      agreement: 2 / 4,
      accuracyWithout: 2 / 5,
      oosShare: 1 / 2,
    });
  });

  it('are none where it decides nothing', () => {
    expect(firstTierFiguresOf([makePrediction()])).toBeNull();
    expect(firstTierFiguresOf([])).toBeNull();
  });
});
