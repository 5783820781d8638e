import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type HeadInput, type LinearHead, predict } from '../../src/classifier/linear-head.ts';
import { type LabelledInput, trainHead } from '../../src/classifier/train-head.ts';
import { dimensions, settings, toyInputs } from './toy-inputs.ts';

const counts = { coding: 30, math: 30, poetry: 30 };
const noVector = new Float32Array(dimensions);

function mostLikely(head: LinearHead, input: HeadInput): string | undefined {
  return [...predict(head, input)].sort(([, a], [, b]) => b - a)[0]?.[0];
}

/** How many of the inputs the head puts in their class. */
function accuracy(head: LinearHead, inputs: readonly LabelledInput[]): number {
  const right = inputs.filter((input) => mostLikely(head, input) === input.className);
  return right.length / inputs.length;
}

describe('a fitted head', () => {
  it('tells classes apart that differ in words and vectors, also on texts it has not seen', () => {
    const head = trainHead(toyInputs(counts), settings);
    expect(accuracy(head, toyInputs(counts))).toBe(1);
    expect(accuracy(head, toyInputs(counts, { seed: 2 }))).toBe(1);
  });

  it('learns from vectors alone, and from words alone', () => {
    const seen = toyInputs(counts);
    const unseen = toyInputs(counts, { seed: 2 });
    const mute = (inputs: LabelledInput[]) => inputs.map((input) => ({ ...input, text: 'same' }));
    const blind = (inputs: LabelledInput[]) =>
      inputs.map((input) => ({ ...input, vectors: [noVector] }));
    expect(accuracy(trainHead(mute(seen), settings), mute(unseen))).toBeGreaterThan(0.95);
    expect(accuracy(trainHead(blind(seen), settings), blind(unseen))).toBe(1);
  });

  it('hears the last view as well as the first', () => {
    const first = Float32Array.of(1, 0);
    const inputs = ['a', 'b'].map((className, axis) => ({
      className,
      text: 'same',
      vectors: [first, Float32Array.of(axis, 1 - axis)],
    }));
    expect(accuracy(trainHead(inputs, settings), inputs)).toBe(1);
  });

  it('is the same for any order of the inputs', () => {
    const distinct = toyInputs({ coding: 6, math: 5, poetry: 4 });
    const inputs = [...distinct, ...distinct.map((input) => ({ ...input, className: 'other' }))];
    const head = trainHead(inputs, settings);
    const anyOrder = fc.shuffledSubarray(inputs, { minLength: inputs.length });
    fc.assert(
      fc.property(anyOrder, (shuffled) => {
        expect(trainHead(shuffled, settings)).toEqual(head);
      }),
      { numRuns: 30 },
    );
  });

  it('is the same under the same seed, and another under another', () => {
    const inputs = toyInputs(counts);
    expect(trainHead(inputs, settings)).toEqual(trainHead(inputs, settings));
    expect(trainHead(inputs, { ...settings, seed: 2 }).denseWeights).not.toEqual(
      trainHead(inputs, settings).denseWeights,
    );
  });

  it('leaves its inputs as they are', () => {
    const inputs = toyInputs({ math: 2, coding: 2 });
    const before = structuredClone(inputs);
    trainHead(inputs, settings);
    expect(inputs).toEqual(before);
  });

  it('finds a class of five beside one of two hundred', () => {
    const head = trainHead(toyInputs({ common: 200, rare: 5 }), settings);
    // Without a word that gives them away, only the weight of a rare class makes it heard.
    const unseen = toyInputs({ common: 200, rare: 200 }, { seed: 2 }).map((input) => ({
      ...input,
      text: input.text.replace(/(common|rare)\w/g, 'unknown'),
    }));
    const ofClass = (name: string) => unseen.filter(({ className }) => className === name);
    expect(accuracy(head, ofClass('rare'))).toBeGreaterThan(0.65);
    expect(accuracy(head, ofClass('common'))).toBeGreaterThan(0.95);
  });

  it('tells two classes apart that have one example each', () => {
    const inputs = toyInputs({ coding: 1, math: 1 });
    const head = trainHead(inputs, settings);
    for (const input of inputs) {
      expect(predict(head, input).get(input.className)).toBeGreaterThan(0.9);
    }
  });

  it('is undecided about a text that stands in two classes', () => {
    const vectors = [Float32Array.of(0.6, 0.8)];
    const inputs = ['a', 'b'].map((className) => ({ className, text: 'the same', vectors }));
    for (let seed = 1; seed <= 20; seed += 1) {
      const half = predict(trainHead(inputs, { ...settings, seed }), { text: 'the same', vectors });
      expect(Math.abs((half.get('a') ?? 0) - 0.5)).toBeLessThan(0.1);
    }
  });

  it('is not moved by words that it has never seen', () => {
    const head = trainHead(toyInputs(counts), settings);
    // The same length, lines, opening and ending; only unknown words and pairs come between.
    const vectors = [noVector];
    const bare = predict(head, { text: 'zzzz zzzz zzzz', vectors });
    expect(predict(head, { text: 'zzzz yyyy zzzz', vectors })).toEqual(bare);
  });

  it('is certain where there is one class, and empty where there is none', () => {
    const [input] = toyInputs({ only: 1 });
    if (input === undefined) throw new Error('There is one input.');
    expect([...predict(trainHead([input], settings), input)]).toEqual([['only', 1]]);
    expect(trainHead([], settings).classNames).toEqual([]);
  });
});
