import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFeatureTable } from '../../src/classifier/feature-table.ts';
import { type LinearHead, predict } from '../../src/classifier/linear-head.ts';
import { createVote, rank, type Voter } from '../../src/routing/classify.ts';
import { createClassifier, type PosteriorSettings } from '../../src/routing/posterior.ts';

const classNames = ['chat', 'coding', 'math'];
const base: PosteriorSettings = { classNames, sharpness: 10, voteShare: 0.3, temperature: 1 };
const ask = { text: 'sort a list', vectors: [Float32Array.of(1, 0)] };

/** A head that says the same of every text: the softmax of these scores. */
function headOf(scores: readonly number[], names: readonly string[] = classNames): LinearHead {
  return {
    classNames: names,
    dimensions: 2,
    readsContext: false,
    scales: { dense: 1, sparse: 1 },
    vocabulary: createFeatureTable([]),
    rarity: new Float32Array(0),
    denseWeights: new Float32Array(names.length * 4),
    sparseWeights: new Int8Array(0),
    sparseUnits: new Float32Array(0),
    bias: Float32Array.from(scores),
  };
}

function classify(
  neighbours: readonly Voter[],
  { head, ...settings }: Partial<PosteriorSettings> & { head?: LinearHead | undefined },
) {
  const classifier = createClassifier({ ...base, ...settings }, () => head);
  return classifier.classify(classifier.read(ask), neighbours);
}

const voters = fc.array(
  fc.record({
    className: fc.constantFrom(...classNames),
    similarity: fc.double({ min: -1, max: 1, noNaN: true }),
  }),
  { maxLength: 30 },
);
const heads = fc
  .array(fc.double({ min: -1e30, max: 1e30, noNaN: true }), { minLength: 3, maxLength: 3 })
  .map((scores) => headOf(scores));
const gentleHeads = fc
  .array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: 3, maxLength: 3 })
  .map((scores) => headOf(scores));
const share = fc.double({ min: 0, max: 1, noNaN: true });
const temperature = fc.double({ min: 1e-6, max: 1e6, noNaN: true });
const votes = [
  { className: 'math', similarity: 0.9 },
  { className: 'math', similarity: 0.8 },
  { className: 'chat', similarity: 0.7 },
];

describe('the posterior', () => {
  it('gives every class a probability, the largest first, together 1', () => {
    fc.assert(
      fc.property(
        voters,
        fc.oneof(heads, gentleHeads),
        fc.record({ voteShare: share, temperature }),
        (neighbours, head, settings) => {
          const posterior = classify(neighbours, { ...settings, head });
          const values = posterior.map(({ probability }) => probability);
          expect(posterior.map(({ className }) => className).sort()).toEqual(classNames);
          expect(values.every((value) => value >= 0 && value <= 1)).toBe(true);
          expect(values.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 9);
          expect(values).toEqual(values.toSorted((a, b) => b - a));
        },
      ),
    );
  });

  it('is the vote while there is no head, or no vector to show it', () => {
    const vote = createVote(base);
    const head = headOf([9, 0, 0]);
    fc.assert(
      fc.property(voters, share, temperature, (neighbours, voteShare, heat) => {
        const settings = { ...base, voteShare, temperature: heat };
        const expected = vote(neighbours);
        expect(classify(neighbours, settings)).toEqual(expected);
        const classifier = createClassifier(settings, () => head);
        const reading = classifier.read({ ...ask, vectors: [] });
        expect(classifier.classify(reading, neighbours)).toEqual(expected);
      }),
    );
  });

  it('is the vote when the vote has the whole share, and the head when it has none', () => {
    const vote = createVote(base);
    fc.assert(
      fc.property(voters, gentleHeads, (neighbours, head) => {
        const expected = new Map(vote(neighbours).map((each) => [each.className, each]));
        for (const each of classify(neighbours, { head, voteShare: 1 })) {
          expect(each.probability).toBeCloseTo(expected.get(each.className)?.probability ?? -1, 9);
        }
        const predicted = predict(head, ask);
        for (const each of classify(neighbours, { head, voteShare: 0 })) {
          expect(each.probability).toBeCloseTo(predicted.get(each.className) ?? -1, 9);
        }
      }),
    );
  });

  it('keeps the order of what differs by less than a probability can show', () => {
    const weights = [
      { className: 'chat', weight: 1 - 2 ** -53 },
      { className: 'math', weight: 1 },
      { className: 'coding', weight: 1 },
    ];
    expect(rank(weights).map(({ className }) => className)).toEqual(['coding', 'math', 'chat']);
  });

  it('mixes both by their shares', () => {
    const head = headOf([0, Math.log(3), 0]);
    const posterior = classify([{ className: 'chat', similarity: 1 }], { head });
    expect(posterior).toEqual([
      { className: 'chat', probability: expect.closeTo(0.3 + 0.7 * 0.2, 6) },
      { className: 'coding', probability: expect.closeTo(0.7 * 0.6, 6) },
      { className: 'math', probability: expect.closeTo(0.7 * 0.2, 6) },
    ]);
  });

  it('keeps its order at every temperature', () => {
    fc.assert(
      fc.property(voters, gentleHeads, temperature, (neighbours, head, heat) => {
        const before = classify(neighbours, { head });
        const after = classify(neighbours, { head, temperature: heat });
        const places = new Map(after.map(({ className, probability }) => [className, probability]));
        const inOldOrder = before.map(({ className }) => places.get(className) ?? -1);
        for (const [place, probability] of inOldOrder.slice(1).entries()) {
          expect(probability).toBeLessThanOrEqual((inOldOrder[place] ?? -1) + 1e-12);
        }
      }),
    );
  });

  it('grows more certain with a lower temperature, down to all or nothing', () => {
    const head = headOf([0.3, 0.2, 0.1]);
    const largest = [10, 1, 0.5, 0.0001].map(
      (heat) => classify(votes, { head, temperature: heat })[0]?.probability ?? 0,
    );
    expect(largest).toEqual(largest.toSorted((a, b) => a - b));
    expect(new Set(largest).size).toBe(largest.length);
    expect(largest.at(-1)).toBeCloseTo(1, 9);
  });

  it('takes the head in force at each ask', () => {
    let head: LinearHead | undefined;
    const classifier = createClassifier({ ...base, voteShare: 0 }, () => head);
    const top = () => classifier.classify(classifier.read(ask), votes)[0]?.className;
    expect(top()).toBe('math');
    head = headOf([0, 9, 0]);
    expect(top()).toBe('coding');
    head = undefined;
    expect(top()).toBe('math');
  });

  it('leaves a class that the head does not know to the vote, and drops one that is not configured', () => {
    const head = headOf([0, 0], ['coding', 'retired']);
    const probabilities = new Map(
      classify(votes, { head }).map(({ className, probability }) => [className, probability]),
    );
    expect([...probabilities.keys()].sort()).toEqual(classNames);
    expect(probabilities.get('math')).toBeGreaterThan(0);
    expect(probabilities.get('coding')).toBeCloseTo(0.35 / 0.65, 9);
  });

  it('is even when the head knows none of the classes and the vote has no share', () => {
    const head = headOf([0], ['retired']);
    const values = classify(votes, { head, voteShare: 0 }).map(({ probability }) => probability);
    expect(values).toEqual([1 / 3, 1 / 3, 1 / 3]);
  });
});
