import { describe, expect, it } from 'vitest';
import { chooseSureFrom, type PairedDecision } from '../../src/tuning/choose-sure-from.ts';

function pairs(count: number, confidence: number, isRight: [first: boolean, last: boolean]) {
  const common = { className: 'coding', confidence, similarity: 1 };
  return Array.from(
    { length: count },
    (): PairedDecision => ({
      first: { ...common, isRight: isRight[0] },
      last: { ...common, isRight: isRight[1] },
    }),
  );
}

describe('the confidence from which on the first tier decides', () => {
  it('is the lowest where it is as right as the last one', () => {
    const all = [...pairs(600, 0.9, [true, true]), ...pairs(400, 0.6, [false, true])];
    expect(chooseSureFrom(all, {})).toEqual({ sureFrom: 0.61, share: 0.6, accuracy: 1 });
  });

  it('does not mind what both get wrong', () => {
    const all = [...pairs(600, 0.9, [true, true]), ...pairs(400, 0.6, [false, false])];
    expect(chooseSureFrom(all, {})).toMatchObject({ sureFrom: 0.5, share: 1, accuracy: 0.6 });
  });

  it('bears a loss of .2 points with a standard error to spare', () => {
    const lossOf = (lost: number) => [
      ...pairs(2_000 - lost, 0.9, [true, true]),
      ...pairs(lost, 0.9, [false, true]),
    ];
    // 2 + √2 is less than 4, 3 + √3 is not.
    expect(chooseSureFrom(lossOf(2), {}).share).toBe(1);
    expect(chooseSureFrom(lossOf(3), {}).share).toBe(0);
  });

  it('is not moved by luck below a confidence where it fails', () => {
    const all = [
      ...pairs(500, 0.95, [true, true]),
      ...pairs(50, 0.8, [false, true]),
      ...pairs(450, 0.6, [true, false]),
    ];
    expect(chooseSureFrom(all, {}).sureFrom).toBe(0.81);
  });

  it('counts only what its class lets decide', () => {
    const all = [...pairs(600, 0.9, [true, true]), ...pairs(400, 0.6, [false, true])];
    expect(chooseSureFrom(all, { coding: 0.7 })).toMatchObject({ sureFrom: 0.5, share: 0.6 });
  });

  it('is beyond reach where nothing can be told', () => {
    expect(chooseSureFrom([], {}).share).toBe(0);
    const bad = pairs(1_000, 1, [false, true]);
    expect(chooseSureFrom(bad, {})).toEqual({ sureFrom: 1.01, share: 0, accuracy: null });
  });
});
