import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createVote, type Voter } from '../../src/routing/classify.ts';

const classNames = ['math', 'chat', 'coding'];
const byName = classNames.toSorted();

const voter: fc.Arbitrary<Voter> = fc.record({
  className: fc.constantFrom(...classNames),
  similarity: fc.double({ min: -1, max: 1, noNaN: true }),
});
const voters = fc.array(voter, { minLength: 1, maxLength: 30 });
const sharpness = fc.double({ min: 0.01, max: 1_000, noNaN: true });

function vote(votes: readonly Voter[], by = 12) {
  return createVote({ classNames, sharpness: by })(votes);
}

function probabilities(votes: readonly Voter[], by?: number): Map<string, number> {
  return new Map(vote(votes, by).map(({ className, probability }) => [className, probability]));
}

describe('the vote of the neighbours', () => {
  it('gives every class a probability, the largest first, together 1', () => {
    fc.assert(
      fc.property(voters, sharpness, (votes, by) => {
        const posterior = vote(votes, by);
        const values = posterior.map(({ probability }) => probability);
        expect(posterior.map(({ className }) => className).sort()).toEqual(byName);
        expect(values.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 9);
        expect(values.every((value) => value >= 0 && value <= 1)).toBe(true);
        expect(values).toEqual(values.toSorted((a, b) => b - a));
      }),
    );
  });

  it('does not depend on the order of the voters', () => {
    const shuffled = voters.chain((all) =>
      fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
    );
    fc.assert(
      fc.property(shuffled, sharpness, ([all, others], by) => {
        const expected = probabilities(all, by);
        for (const [className, probability] of probabilities(others, by)) {
          expect(probability).toBeCloseTo(expected.get(className) ?? -1, 9);
        }
      }),
    );
  });

  it('is never lost by another neighbour', () => {
    fc.assert(
      fc.property(voters, voter, (votes, another) => {
        const before = probabilities(votes).get(another.className) ?? -1;
        const after = probabilities([...votes, another]).get(another.className) ?? -1;
        expect(after).toBeGreaterThanOrEqual(before - 1e-9);
      }),
    );
  });

  it('weighs a neighbour by e to the sharpness times its similarity', () => {
    const votes = [
      { className: 'chat', similarity: 0.9 },
      { className: 'coding', similarity: 0.8 },
    ];
    const { chat, coding, math } = Object.fromEntries(probabilities(votes, 12));
    expect((chat ?? 0) / (coding ?? 1)).toBeCloseTo(Math.exp(1.2), 9);
    expect(math).toBe(0);
  });

  it('counts heads when the sharpness is very low, and hears the nearest only when it is very high', () => {
    const votes = [
      { className: 'chat', similarity: 0.9 },
      { className: 'coding', similarity: 0.8 },
      { className: 'coding', similarity: -0.5 },
      { className: 'coding', similarity: 0.1 },
    ];
    expect(probabilities(votes, 1e-9).get('coding')).toBeCloseTo(0.75, 6);
    expect(probabilities(votes, 1e6).get('chat')).toBe(1);
  });

  it('makes all equally likely, by name, when nobody votes', () => {
    expect(vote([])).toEqual(
      byName.map((className) => ({ className, probability: 1 / classNames.length })),
    );
  });

  it('settles ties by name', () => {
    const votes = ['math', 'coding'].map((className) => ({ className, similarity: 0.5 }));
    for (const each of [votes, votes.toReversed()]) {
      expect(vote(each).map(({ className }) => className)).toEqual(['coding', 'math', 'chat']);
    }
  });
});
