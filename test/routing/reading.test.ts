import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { goesOn } from '../../src/classifier/goes-on.ts';
import { rank, type Voter } from '../../src/routing/classify.ts';
import { createClassifier, type PosteriorSettings } from '../../src/routing/posterior.ts';
import { wordHead } from '../classifier/word-head.ts';

const classNames = ['chat', 'coding', 'math'];
const settings: PosteriorSettings = { classNames, sharpness: 10, voteShare: 0.3, temperature: 0.7 };
const vectors = [Float32Array.of(1, 0)];
const votes: Voter[] = [{ className: 'math', similarity: 0.9 }];

/** A head whose logits are these for every text, the first that of going on. */
function classifierOf(logits: readonly number[], how: Partial<PosteriorSettings> = {}) {
  const head = wordHead({}, { classNames: [goesOn, ...classNames] });
  return createClassifier({ ...settings, ...how }, () => ({
    ...head,
    bias: Float32Array.from(logits),
  }));
}

const read = (logits: readonly number[]) => classifierOf(logits).read({ text: 'and?', vectors });

describe('what a head reads', () => {
  it('is how likely the text only goes on, and the classes among themselves', () => {
    const logits = [0.5, 0.2, 0.2, 0.1].map(Math.log);
    const reading = read(logits);
    expect(reading?.goesOn).toBeCloseTo(0.5, 6);
    expect([...(reading?.shares.keys() ?? [])]).toEqual(classNames);
    expect(reading?.shares.get('chat')).toBeCloseTo(0.4, 6);
    expect(reading?.shares.get('math')).toBeCloseTo(0.2, 6);
  });

  it('has shares that sum to 1, and the order of the classes, however likely the text goes on', () => {
    fc.assert(
      fc.property(fc.double({ min: -40, max: 500, noNaN: true }), (onward) => {
        const reading = read([onward, 3, 2, 1]);
        const shares = [...(reading?.shares.values() ?? [])];
        expect(shares.every(Number.isFinite)).toBe(true);
        expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 6);
        expect(shares).toEqual(shares.toSorted((a, b) => b - a));
        expect(shares[0]).toBeCloseTo(Math.exp(2) / (Math.exp(2) + Math.E + 1), 4);
        expect(reading?.goesOn).toBeGreaterThanOrEqual(0);
        expect(reading?.goesOn).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('leaves the classes to the vote where nothing is left of them', () => {
    const classifier = classifierOf([3_000, 3, 2, 1]);
    const reading = classifier.read({ text: 'and?', vectors });
    expect(reading?.goesOn).toBe(1);
    const posterior = classifier.classify(reading, votes);
    expect(posterior[0]).toEqual({ className: 'math', probability: 1 });
    expect(classifier.classify(reading, [])).toEqual(rankEvenly());
  });

  it('gives the class of going on no part in a posterior', () => {
    const classifier = classifierOf([5, 1, 1, 2]);
    const posterior = classifier.classify(classifier.read({ text: 'and?', vectors }), votes);
    expect(posterior.map(({ className }) => className).sort()).toEqual(classNames);
    expect(posterior.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 9);
  });

  it('is the same posterior whatever the share of what goes on', () => {
    const [little, much] = [-5, 5].map((onward) => {
      const classifier = classifierOf([onward, 1, 0, 2]);
      return classifier.classify(classifier.read({ text: 'and?', vectors }), votes);
    });
    for (const [place, { className, probability }] of (little ?? []).entries()) {
      expect(much?.[place]).toEqual({ className, probability: expect.closeTo(probability, 4) });
    }
    expect(little).toHaveLength(3);
  });

  it('never goes on where the head was not taught what does', () => {
    const head = wordHead({ sort: 'coding' }, { classNames });
    const reading = createClassifier(settings, () => head).read({ text: 'sort it', vectors });
    expect(reading?.goesOn).toBe(0);
    expect(reading?.shares.get('coding')).toBeGreaterThan(0.9);
  });

  it('is nothing without a head or a vector', () => {
    expect(createClassifier(settings, () => undefined).read({ text: 'a', vectors })).toBe(
      undefined,
    );
    expect(classifierOf([0, 0, 0, 0]).read({ text: 'a', vectors: [] })).toBeUndefined();
  });
});

describe('why a head favours a class', () => {
  const head = wordHead({ sort: 'coding' }, { classNames });

  it('is said of the head in force', () => {
    const classifier = createClassifier(settings, () => head);
    const reasons = classifier.reason({ text: 'sort it', vectors }, 'coding');
    expect(reasons?.wording.map(({ text }) => text)).toEqual(['sort']);
  });

  it('is not said without a head or a vector', () => {
    expect(
      createClassifier(settings, () => undefined).reason({ text: 'sort', vectors }, 'coding'),
    ).toBeUndefined();
    expect(
      createClassifier(settings, () => head).reason({ text: 'sort', vectors: [] }, 'coding'),
    ).toBeUndefined();
  });
});

function rankEvenly() {
  return rank(classNames.map((className) => ({ className, weight: 1 })));
}
