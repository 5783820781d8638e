import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom, shuffle } from '../src/random.ts';

const seeds = fc.integer({ min: 0, max: 2 ** 32 - 1 });

describe('createRandom', () => {
  it('draws the same numbers under the same seed, from zero to below one', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const numbers = Array.from({ length: 20 }, createRandom(seed));
        expect(numbers).toEqual(Array.from({ length: 20 }, createRandom(seed)));
        expect(numbers.every((number) => number >= 0 && number < 1)).toBe(true);
        expect(new Set(numbers).size).toBeGreaterThan(15);
      }),
    );
  });

  it('draws others under another seed', () => {
    const firsts = Array.from({ length: 100 }, (_, seed) => createRandom(seed)());
    expect(new Set(firsts).size).toBe(100);
  });
});

describe('shuffle', () => {
  it('keeps every item, and leaves the input as it is', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(9)), seeds, (items, seed) => {
        const before = [...items];
        const shuffled = shuffle(items, createRandom(seed));
        expect(shuffled.toSorted()).toEqual(items.toSorted());
        expect(items).toEqual(before);
      }),
    );
  });

  it('depends on the random source only', () => {
    const items = Array.from({ length: 30 }, (_, index) => index);
    expect(shuffle(items, createRandom(1))).toEqual(shuffle(items, createRandom(1)));
    expect(shuffle(items, createRandom(1))).not.toEqual(shuffle(items, createRandom(2)));
  });

  it('gives every item the same chance of every place', () => {
    const random = createRandom(5);
    const counts = new Map<string, number>();
    for (let round = 0; round < 4000; round += 1) {
      for (const [place, item] of shuffle(['a', 'b', 'c', 'd'], random).entries()) {
        counts.set(`${item}${place}`, (counts.get(`${item}${place}`) ?? 0) + 1);
      }
    }
    expect(counts.size).toBe(16);
    expect(Math.min(...counts.values())).toBeGreaterThan(880);
    expect(Math.max(...counts.values())).toBeLessThan(1120);
  });
});
