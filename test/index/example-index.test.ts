import { describe, expect, it } from 'vitest';
import { createExample } from '../../src/examples/example.ts';
import { createExactIndex } from '../../src/index/exact-index.ts';
import { createExampleIndex } from '../../src/index/example-index.ts';
import { along } from './unit-vectors.ts';

const examples = ['zero', 'one', 'two'].map((text) =>
  createExample({ text, class: 'chat' }, 'dataset'),
);

function createFilled() {
  const index = createExampleIndex(createExactIndex(4));
  for (const [axis, example] of examples.entries()) index.add(example, along(4, axis));
  return index;
}

describe('an index of examples', () => {
  it('gives the examples that are near, nearest first', () => {
    const near = createFilled().neighbours(along(4, 1), 2);
    expect(near.map(({ example }) => example.text)).toEqual(['one', 'zero']);
    expect(near[0]?.similarity).toBeCloseTo(1, 6);
  });

  it('forgets a removed example, and leaves its label unused', () => {
    const index = createFilled();
    index.remove(examples[1]?.id ?? '');
    index.remove('nothing has this id');
    expect(index.size).toBe(2);
    expect(index.labels()).toEqual([examples[0]?.id, null, examples[2]?.id]);
    expect(index.neighbours(along(4, 1), 9).map(({ example }) => example.text)).toEqual([
      'zero',
      'two',
    ]);
  });

  it('takes an example back in under a new label', () => {
    const index = createFilled();
    const [, one] = examples;
    if (one === undefined) throw new Error('There are three.');
    index.remove(one.id);
    index.add(one, along(4, 1));
    expect(index.labels()).toEqual([examples[0]?.id, null, examples[2]?.id, one.id]);
    expect(index.neighbours(along(4, 1), 1)[0]?.example).toBe(one);
    index.remove(one.id);
    expect(index.size).toBe(2);
  });

  it('can be put over vectors that are labelled already', () => {
    const vectors = createExactIndex(4);
    for (const label of [0, 2]) vectors.add(label, along(4, label));
    const index = createExampleIndex(vectors, [examples[0] ?? null, null, examples[2] ?? null]);
    expect(index.neighbours(along(4, 2), 1)[0]?.example.text).toBe('two');
    index.remove(examples[0]?.id ?? '');
    expect(index.labels()).toEqual([null, null, examples[2]?.id]);
    expect(index.size).toBe(1);
  });
});
