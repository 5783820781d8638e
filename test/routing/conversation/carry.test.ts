import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ClassProbability, rank } from '../../../src/routing/classify.ts';
import { carry, carryAll } from '../../../src/routing/conversation/carry.ts';

const classNames = ['chat', 'coding', 'math'];
const own = [
  { className: 'chat', probability: 0.7 },
  { className: 'math', probability: 0.2 },
  { className: 'coding', probability: 0.1 },
];
const before = [
  { className: 'coding', probability: 0.8 },
  { className: 'math', probability: 0.2 },
  { className: 'chat', probability: 0 },
];

function closeTo(expected: readonly ClassProbability[]) {
  return expected.map(({ className, probability }) => ({
    className,
    probability: expect.closeTo(probability, 9),
  }));
}

const share = fc.double({ min: 0, max: 1, noNaN: true });
const posterior = fc
  .array(share, { minLength: 3, maxLength: 3 })
  .map((weights) =>
    rank(classNames.map((className, place) => ({ className, weight: weights[place] ?? 0 }))),
  );

describe('what a turn is about', () => {
  it('is its own where nothing goes on, and what was before where nothing is new', () => {
    expect(carry({ own, goesOn: 0 }, before)).toEqual(closeTo(own));
    expect(carry({ own, goesOn: 1 }, before)).toEqual(closeTo(before));
  });

  it('is a mixture in between, the likeliest first', () => {
    expect(carry({ own, goesOn: 0.75 }, before)).toEqual(
      closeTo([
        { className: 'coding', probability: 0.25 * 0.1 + 0.75 * 0.8 },
        { className: 'math', probability: 0.2 },
        { className: 'chat', probability: 0.25 * 0.7 },
      ]),
    );
  });

  it('has the classes of the turn, whatever the turn before knew', () => {
    const retired = [{ className: 'retired', probability: 1 }];
    expect(carry({ own, goesOn: 0.5 }, retired)).toEqual(closeTo(own));
  });

  it('sums to 1 and lies between the two for every class', () => {
    fc.assert(
      fc.property(posterior, posterior, share, (ofTurn, ofBefore, goesOn) => {
        const carried = carry({ own: ofTurn, goesOn }, ofBefore);
        expect(carried.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 9);
        for (const { className, probability } of carried) {
          const ends = [ofTurn, ofBefore].map(
            (each) => each.find((entry) => entry.className === className)?.probability ?? 0,
          );
          expect(probability).toBeGreaterThanOrEqual(Math.min(...ends) - 1e-9);
          expect(probability).toBeLessThanOrEqual(Math.max(...ends) + 1e-9);
        }
      }),
    );
  });
});

describe('what several turns are about', () => {
  const sure = (name: string) =>
    rank(classNames.map((className) => ({ className, weight: Number(className === name) })));

  it('is what the first is about, however much that one seems to go on', () => {
    expect(carryAll([{ own, goesOn: 1 }])).toEqual(own);
  });

  it('goes through every turn in order', () => {
    const turns = [
      { own: sure('coding'), goesOn: 0 },
      { own: sure('chat'), goesOn: 0.9 },
      { own: sure('math'), goesOn: 0.5 },
    ];
    expect(carryAll(turns)).toEqual(
      closeTo([
        { className: 'math', probability: 0.5 },
        { className: 'coding', probability: 0.45 },
        { className: 'chat', probability: 0.05 },
      ]),
    );
  });

  it('forgets what was before a new task', () => {
    const turns = [
      { own: sure('coding'), goesOn: 0 },
      { own: sure('chat'), goesOn: 0 },
      { own: sure('math'), goesOn: 1 },
    ];
    expect(carryAll(turns)[0]).toEqual({ className: 'chat', probability: 1 });
  });

  it('is nothing without turns', () => {
    expect(carryAll([])).toEqual([]);
  });
});
