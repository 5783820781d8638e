import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { calibrationOf } from '../../src/evaluation/calibration.ts';

const judgements = fc.array(
  fc.record({ confidence: fc.double({ min: 0, max: 1, noNaN: true }), isRight: fc.boolean() }),
);

describe('calibrationOf', () => {
  it('weighs the gap of each bin by its share', () => {
    const { ece, reliability } = calibrationOf([
      { confidence: 0.95, isRight: true },
      { confidence: 0.97, isRight: false },
      { confidence: 0.35, isRight: true },
      { confidence: 0.36, isRight: false },
    ]);
    // (2/4) |.5 - .96| + (2/4) |.5 - .355|
    expect(ece).toBeCloseTo(0.3025, 12);
    expect(reliability).toHaveLength(15);
    expect(reliability[14]).toEqual({
      from: 14 / 15,
      to: 1,
      count: 2,
      meanConfidence: 0.96,
      accuracy: 0.5,
    });
    expect(reliability[5]).toMatchObject({ count: 2, accuracy: 0.5 });
    expect(reliability[0]).toMatchObject({ count: 0, meanConfidence: null, accuracy: null });
  });

  it('puts a confidence on an edge into the bin below it, and 0 into the first', () => {
    const binOf = (confidence: number) =>
      calibrationOf([{ confidence, isRight: true }]).reliability.findIndex(
        ({ count }) => count === 1,
      );
    expect([0, 0.2, 0.2000001, 1].map(binOf)).toEqual([0, 2, 3, 14]);
  });

  it('is perfect when confidences equal outcomes and worst when they oppose them', () => {
    const error = (confidence: number, isRight: boolean) =>
      calibrationOf([{ confidence, isRight }]).ece;
    expect(error(1, true)).toBe(0);
    expect(error(0, false)).toBe(0);
    expect(error(1, false)).toBe(1);
    expect(error(0, true)).toBe(1);
  });

  it('is null without judgements', () => {
    expect(calibrationOf([]).ece).toBeNull();
  });

  it('lies between 0 and 1 and puts every judgement into its own bin', () => {
    fc.assert(
      fc.property(judgements, (list) => {
        const { ece, reliability } = calibrationOf(list);
        expect(reliability.reduce((sum, { count }) => sum + count, 0)).toBe(list.length);
        for (const { from, to, meanConfidence } of reliability) {
          if (meanConfidence === null) continue;
          expect(meanConfidence).toBeGreaterThanOrEqual(from - 1e-9);
          expect(meanConfidence).toBeLessThanOrEqual(to + 1e-9);
        }
        if (ece === null) return;
        expect(ece).toBeGreaterThanOrEqual(0);
        expect(ece).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('forgives rounding above 1 and refuses what is no probability', () => {
    expect(calibrationOf([{ confidence: 1 + 1e-7, isRight: true }]).ece).toBe(0);
    for (const confidence of [1.1, -0.1, Number.NaN]) {
      expect(() => calibrationOf([{ confidence, isRight: true }])).toThrow(RangeError);
    }
  });
});
