import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { auroc } from '../../src/evaluation/auroc.ts';

// Few distinct values, so that ties are common.
const scores = fc.array(fc.integer({ min: -4, max: 4 }), { minLength: 1, maxLength: 30 });

describe('auroc', () => {
  it('is 1 when the positives all score above, 0 when below, a half when nothing differs', () => {
    expect(auroc([0.8, 0.9], [0.1, 0.7])).toBe(1);
    expect(auroc([0.1, 0.2], [0.3])).toBe(0);
    expect(auroc([0.5, 0.5], [0.5])).toBe(0.5);
  });

  it('counts a tie as half a win', () => {
    // 3 > 2, 3 > 1, 2 = 2, 2 > 1
    expect(auroc([3, 2], [2, 1])).toBe(3.5 / 4);
  });

  it('is null without a side', () => {
    expect(auroc([], [1])).toBeNull();
    expect(auroc([1], [])).toBeNull();
  });

  it('equals the share of pairs won', () => {
    fc.assert(
      fc.property(scores, scores, (positives, negatives) => {
        const pairs = positives.flatMap((positive) =>
          negatives.map((negative) => (Math.sign(positive - negative) + 1) / 2),
        );
        const share = pairs.reduce((sum, win) => sum + win, 0) / pairs.length;
        expect(auroc(positives, negatives)).toBeCloseTo(share, 12);
      }),
    );
  });

  it('leaves its inputs as they are', () => {
    const negatives = [3, 1, 2];
    auroc([2], negatives);
    expect(negatives).toEqual([3, 1, 2]);
  });
});
