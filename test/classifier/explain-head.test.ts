import { describe, expect, it } from 'vitest';
import { explainHead } from '../../src/classifier/explain-head.ts';
import { featureId } from '../../src/classifier/feature-ids.ts';
import { createFeatureTable } from '../../src/classifier/feature-table.ts';
import { type LinearHead, predict } from '../../src/classifier/linear-head.ts';
import { trainHead } from '../../src/classifier/train-head.ts';
import { settings, toyInputs } from './toy-inputs.ts';

/** Three words, the first of which speaks for `left`; its vectors speak for `left` along the first axis. */
const small: LinearHead = {
  classNames: ['left', 'right'],
  dimensions: 2,
  readsContext: false,
  scales: { dense: 1, sparse: 1 },
  // In the order of their ids.
  vocabulary: createFeatureTable(['leftwards', 'rightwards', '^leftwards'].map(featureId)),
  rarity: Float32Array.of(1, 1, 1),
  denseWeights: Float32Array.of(1, 0, 0, 0, -1, 0, 0, 0),
  sparseWeights: Int8Array.of(4, 0, 0, 4, 8, 0),
  sparseUnits: Float32Array.of(0.5, 0.5, 0.5),
  bias: Float32Array.of(0, 0),
};
const alongFirst = [Float32Array.of(1, 0)];

describe('why a head favours a class', () => {
  it('names what speaks for it, strongest first, and nothing that speaks against it', () => {
    const text = 'leftwards rightwards';
    const reasons = explainHead(small, { text, vectors: alongFirst }, 'left');
    expect(reasons?.wording.map(({ kind, text }) => [kind, text])).toEqual([
      ['opening', 'leftwards'],
      ['words', 'leftwards'],
    ]);
    const [opening, word] = reasons?.wording ?? [];
    expect(opening?.weight).toBeCloseTo(2 * (word?.weight ?? 0), 5);
  });

  it('says how much of that is in the vectors', () => {
    const share = (text: string, vectors: Float32Array[]) =>
      explainHead(small, { text, vectors }, 'left')?.meaningShare;
    expect(share('other words', alongFirst)).toBe(1);
    expect(share('leftwards', [Float32Array.of(0, 1)])).toBe(0);
    expect(share('leftwards', [Float32Array.of(-1, 0)])).toBe(0);
    expect(share('other words', [Float32Array.of(0, 1)])).toBe(0);
    expect(share('leftwards', alongFirst)).toBeGreaterThan(0.2);
    expect(share('leftwards', alongFirst)).toBeLessThan(0.8);
  });

  it('names at most five features, and long ones in part', () => {
    const head = trainHead(toyInputs({ coding: 20, math: 20, poetry: 20 }), settings);
    const [input] = toyInputs({ coding: 1 });
    if (input === undefined) throw new Error('There is an input.');
    const long = 'codinga '.concat('x'.repeat(100), ' ', input.text);
    const reasons = explainHead(head, { ...input, text: long }, 'coding');
    expect(reasons?.wording).toHaveLength(5);
    for (const { text } of reasons?.wording ?? []) expect(text.length).toBeLessThanOrEqual(40);
  });

  it('adds up to the difference of log-probabilities between two classes', () => {
    const input = { text: 'leftwards', vectors: alongFirst };
    const reasons = explainHead(small, input, 'left');
    const wording = reasons?.wording.reduce((sum, { weight }) => sum + weight, 0) ?? 0;
    const total = wording / (1 - (reasons?.meaningShare ?? 0));
    const probabilities = predict(small, input);
    const difference = Math.log(
      (probabilities.get('left') ?? 0) / (probabilities.get('right') ?? 0),
    );
    // Of two classes one is as far above their mean as the other below.
    expect(2 * total).toBeCloseTo(difference, 4);
  });

  it('has nothing to say of a class that the head does not know', () => {
    const input = { text: 'leftwards', vectors: alongFirst };
    expect(explainHead(small, input, 'other')).toBeUndefined();
  });
});
