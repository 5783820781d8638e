import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drawShots, groupedFolds } from '../../src/evaluation/sampling.ts';
import { createRandom } from '../../src/random.ts';

const seeds = fc.integer({ min: 0, max: 2 ** 32 - 1 });

describe('createRandom', () => {
  it('is mulberry32', () => {
    const random = createRandom(1);
    const numbers = Array.from({ length: 3 }, () => random() * 2 ** 32);
    expect(numbers).toEqual([2_693_262_067, 11_749_833, 2_265_367_787]);
  });

  it('fills the unit interval evenly', () => {
    const random = createRandom(7);
    const counts = Array.from({ length: 10 }, () => 0);
    for (let draw = 0; draw < 10_000; draw += 1) {
      const bucket = Math.floor(random() * 10);
      counts[bucket] = (counts[bucket] ?? 0) + 1;
    }
    expect(Math.min(...counts)).toBeGreaterThan(900);
    expect(Math.max(...counts)).toBeLessThan(1100);
  });
});

describe('drawShots', () => {
  const items = Array.from({ length: 60 }, (_, index) => ({
    className: ['a', 'b', 'c'][index % 3] ?? '',
    index,
  }));

  it('draws the same items for the same seed and others for another', () => {
    const draw = (seed: number) => drawShots(items, 5, createRandom(seed));
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
  });

  it('draws distinct items, as many a class as asked or all there are', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('a', 'b', 'c', '__proto__')),
        fc.nat(8),
        seeds,
        (classNames, shots, seed) => {
          const pool = classNames.map((className) => ({ className }));
          const drawn = drawShots(pool, shots, createRandom(seed));
          expect(new Set(drawn).size).toBe(drawn.length);
          for (const name of new Set(classNames)) {
            const available = classNames.filter((className) => className === name).length;
            const taken = drawn.filter(({ className }) => className === name).length;
            expect(taken).toBe(Math.min(shots, available));
          }
        },
      ),
    );
  });

  it('gives every item of a class the same chance', () => {
    const random = createRandom(3);
    const counts = new Map<number, number>();
    for (let round = 0; round < 2000; round += 1) {
      for (const { index } of drawShots(items.slice(0, 15), 1, random)) {
        counts.set(index, (counts.get(index) ?? 0) + 1);
      }
    }
    expect(counts.size).toBe(15);
    expect(Math.min(...counts.values())).toBeGreaterThan(330);
    expect(Math.max(...counts.values())).toBeLessThan(470);
  });
});

describe('groupedFolds', () => {
  const labelled = fc.array(
    fc.record({ className: fc.constantFrom('a', 'b', 'c'), group: fc.nat(15) }),
    { maxLength: 60 },
  );
  const foldCounts = fc.integer({ min: 2, max: 6 });

  it('partitions the items', () => {
    fc.assert(
      fc.property(labelled, foldCounts, seeds, (items, foldCount, seed) => {
        const folds = groupedFolds(items, foldCount, createRandom(seed));
        expect(folds).toHaveLength(foldCount);
        expect(folds.flat().sort((a, b) => a - b)).toEqual(items.map((_, index) => index));
      }),
    );
  });

  it('never splits a group', () => {
    fc.assert(
      fc.property(labelled, foldCounts, seeds, (items, foldCount, seed) => {
        const foldOfGroup = new Map<number, number>();
        for (const [fold, indexes] of groupedFolds(
          items,
          foldCount,
          createRandom(seed),
        ).entries()) {
          for (const index of indexes) {
            const group = items[index]?.group ?? -1;
            expect(foldOfGroup.get(group) ?? fold).toBe(fold);
            foldOfGroup.set(group, fold);
          }
        }
      }),
    );
  });

  it('spreads every class evenly when each item is its own group', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 60 }),
        foldCounts,
        seeds,
        (classNames, foldCount, seed) => {
          const items = classNames.map((className, group) => ({ className, group }));
          const folds = groupedFolds(items, foldCount, createRandom(seed));
          for (const name of new Set(classNames)) {
            const counts = folds.map(
              (indexes) => indexes.filter((index) => classNames[index] === name).length,
            );
            expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
          }
        },
      ),
    );
  });

  it('keeps folds of like size although no class divides evenly', () => {
    const items = Array.from({ length: 70 }, (_, index) => ({
      className: `class ${index % 10}`,
      group: index,
    }));
    const sizes = groupedFolds(items, 5, createRandom(1)).map((fold) => fold.length);
    expect(Math.min(...sizes)).toBeGreaterThanOrEqual(13);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(15);
  });

  it('places large groups first, so that small ones can even them out', () => {
    const items = Array.from({ length: 12 }, (_, index) => ({
      className: 'a',
      group: Math.max(index, 5),
    }));
    fc.assert(
      fc.property(seeds, (seed) => {
        const sizes = groupedFolds(items, 2, createRandom(seed)).map((fold) => fold.length);
        expect(sizes).toEqual([6, 6]);
      }),
    );
  });

  it('depends on the random source only', () => {
    const items = Array.from({ length: 40 }, (_, group) => ({ className: 'a', group }));
    const split = (seed: number) => groupedFolds(items, 4, createRandom(seed));
    expect(split(1)).toEqual(split(1));
    expect(split(1)).not.toEqual(split(2));
  });

  it('refuses fewer than two folds', () => {
    expect(() => groupedFolds([], 1, createRandom(1))).toThrow(RangeError);
    expect(() => groupedFolds([], Number.NaN, createRandom(1))).toThrow(RangeError);
  });
});
