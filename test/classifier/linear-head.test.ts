import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { featureId } from '../../src/classifier/feature-ids.ts';
import { columnOf, createFeatureTable } from '../../src/classifier/feature-table.ts';
import { encodeInput, type LinearHead, predict } from '../../src/classifier/linear-head.ts';
import { trainHead } from '../../src/classifier/train-head.ts';
import { dimensions, settings, toyInputs } from './toy-inputs.ts';

const inputs = toyInputs({ coding: 20, math: 20, poetry: 20 });
const [input] = inputs;
if (input === undefined) throw new Error('There are toy inputs.');

/** A head of two classes that reads one word and a plane, without having been fitted. */
const small: LinearHead = {
  classNames: ['left', 'right'],
  dimensions: 2,
  readsContext: false,
  scales: { dense: 2, sparse: 3 },
  vocabulary: createFeatureTable([featureId('left')]),
  rarity: Float32Array.of(1),
  denseWeights: Float32Array.of(1, 0, 0, 0, 0, 0, 0, 1),
  sparseWeights: Int8Array.of(2, 0),
  sparseUnits: Float32Array.of(0.25),
  bias: Float32Array.of(0, 0.25),
};

describe('an encoded input', () => {
  it('holds the mean of the first and the last view and what separates them, as long as the dense scale', () => {
    const first = Float32Array.of(1, 0);
    const middle = Float32Array.of(0, -1);
    const last = Float32Array.of(0, 1);
    const { dense } = encodeInput({ text: '', vectors: [first, middle, last] }, small);
    expect(dense).toEqual(Float32Array.of(1, 1, 1, -1));
    expect(Math.hypot(...dense)).toBeCloseTo(small.scales.dense, 6);
  });

  it('holds the only view where there is one, which says the same', () => {
    const only = Float32Array.of(0.6, 0.8);
    expect(encodeInput({ text: '', vectors: [only] }, small).dense).toEqual(
      only.map((value) => value * 2),
    );
    expect(predict(small, { text: '', vectors: [only] })).toEqual(
      predict(small, { text: '', vectors: [only, Float32Array.from(only)] }),
    );
  });

  it('has sparse values as long as the sparse scale, the rare and the frequent larger', () => {
    const words = ['often', 'rare', 'twice'];
    const vocabulary = createFeatureTable(words.map(featureId));
    const expected = words.map((each) => columnOf(vocabulary, featureId(each)));
    const rarity = new Float32Array(3).fill(1);
    rarity[expected[1] ?? 0] = 3;
    const vectors = [Float32Array.of(1, 0)];
    const { columns, values } = encodeInput(
      { text: 'often rare twice twice', vectors },
      { ...small, vocabulary, rarity },
    );
    expect([...columns]).toEqual(expected);
    expect(Math.hypot(...values)).toBeCloseTo(3, 6);
    const oneWordIn = Math.exp(-0.05);
    expect((values[1] ?? 0) / (values[0] ?? 1)).toBeCloseTo(3 * oneWordIn, 5);
    expect((values[2] ?? 0) / (values[0] ?? 1)).toBeCloseTo(1 + Math.log(1 + oneWordIn), 5);
  });

  it('has no column for words that nobody knows', () => {
    const vectors = [Float32Array.of(1, 0)];
    expect(encodeInput({ text: 'never seen', vectors }, small).columns).toHaveLength(0);
  });

  it('needs a vector', () => {
    expect(() => encodeInput({ text: 'left', vectors: [] }, small)).toThrow(RangeError);
  });
});

describe('a prediction', () => {
  it('is the softmax of what the views, the words and the bias say', () => {
    const vectors = [Float32Array.of(1, 0), Float32Array.of(0, 1)];
    const left = Math.exp(1 + 0.5 * 3);
    const right = Math.exp(-1 + 0.25);
    const prediction = predict(small, { text: 'left', vectors });
    expect(prediction.get('left')).toBeCloseTo(left / (left + right), 6);
    expect(prediction.get('right')).toBeCloseTo(right / (left + right), 6);
  });

  it('gives every class a probability, together 1', () => {
    const head = trainHead(inputs, settings);
    const component = fc.double({ min: -1, max: 1, noNaN: true });
    const vector = fc.array(component, { minLength: dimensions, maxLength: dimensions });
    fc.assert(
      fc.property(fc.string(), vector, (text, values) => {
        const prediction = predict(head, { text, vectors: [Float32Array.from(values)] });
        const probabilities = [...prediction.values()];
        expect([...prediction.keys()]).toEqual(['coding', 'math', 'poetry']);
        expect(probabilities.every((value) => value >= 0 && value <= 1)).toBe(true);
        expect(probabilities.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 9);
      }),
    );
  });

  it.each([1e-30, 1e3, 1e15, 1e30])('stays finite at scales of %d', (scale) => {
    const scales = { dense: scale, sparse: scale };
    const head = trainHead(inputs, { ...settings, scales });
    const probabilities = [...predict(head, input).values()];
    expect(probabilities.every(Number.isFinite)).toBe(true);
    expect(probabilities.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 9);
  });
});
