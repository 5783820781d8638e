import { describe, expect, it } from 'vitest';
import { createExactIndex } from '../../src/index/exact-index.ts';
import type { VectorIndex } from '../../src/index/vector-index.ts';
import { needHnswLibrary } from './hnsw-library.ts';
import { along, clusteredVectors } from './unit-vectors.ts';

const library = await needHnswLibrary();
const dimensions = 8;

const kinds: { kind: VectorIndex['kind']; create: () => VectorIndex }[] = [
  { kind: 'exact', create: () => createExactIndex(dimensions) },
  { kind: 'hnsw', create: () => library.create(dimensions, 4) },
];

describe.each(kinds)('the $kind index', ({ kind, create }) => {
  const labels = (index: VectorIndex, vector: Float32Array, count: number) =>
    index.search(vector, count).map(({ label }) => label);

  it('says what it is', () => {
    expect(create()).toMatchObject({ kind, dimensions, size: 0 });
  });

  it('finds nothing while it is empty', () => {
    expect(create().search(along(dimensions, 0), 3)).toEqual([]);
  });

  it('gives the nearest first, with their cosines', () => {
    const index = create();
    index.add(10, along(dimensions, 1));
    index.add(11, along(dimensions, 0, 1));
    index.add(12, along(dimensions, 0));
    const hits = index.search(along(dimensions, 0), 3);
    expect(hits.map(({ label }) => label)).toEqual([12, 11, 10]);
    expect(hits[0]?.similarity).toBeCloseTo(1, 6);
    expect(hits[1]?.similarity).toBeCloseTo(Math.SQRT1_2, 6);
    expect(hits[2]?.similarity).toBeCloseTo(0, 6);
    expect(labels(index, along(dimensions, 0), 2)).toEqual([12, 11]);
    expect(labels(index, along(dimensions, 0), 0)).toEqual([]);
  });

  it('orders equal similarities by label', () => {
    const index = create();
    for (const label of [5, 2, 7, 1, 6, 3, 4]) index.add(label, along(dimensions, label));
    expect(labels(index, along(dimensions, 0), 7)).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  it('gives all it has when asked for more', () => {
    const index = create();
    for (const axis of [0, 1, 2]) index.add(axis, along(dimensions, axis));
    expect(index.search(along(dimensions, 0), 100)).toHaveLength(3);
    index.remove(1);
    expect(index.search(along(dimensions, 0), 100)).toHaveLength(2);
  });

  it('never gives back what was removed', () => {
    const index = create();
    for (const axis of [0, 1, 2, 3]) index.add(axis, along(dimensions, axis));
    index.remove(0);
    index.remove(0);
    index.remove(99);
    expect(index.size).toBe(3);
    expect(labels(index, along(dimensions, 0), 10)).toEqual([1, 2, 3]);
    index.remove(3);
    expect(labels(index, along(dimensions, 3), 10)).toEqual([1, 2]);
  });

  it('can be emptied and filled again', () => {
    const index = create();
    for (const axis of [0, 1]) index.add(axis, along(dimensions, axis));
    for (const axis of [0, 1]) index.remove(axis);
    expect(index.size).toBe(0);
    expect(index.search(along(dimensions, 0), 1)).toEqual([]);
    index.add(2, along(dimensions, 1));
    expect(labels(index, along(dimensions, 0), 10)).toEqual([2]);
  });

  it('grows beyond the capacity it was made with', () => {
    const index = create();
    const vectors = clusteredVectors({ count: 300, dimensions, clusters: 300, seed: 1 });
    for (const [label, vector] of vectors.entries()) index.add(label, vector);
    expect(index.size).toBe(300);
    for (const [label, vector] of vectors.entries()) {
      expect(index.search(vector, 1)[0]?.label).toBe(label);
    }
  });

  it.each([
    ['is too short', along(dimensions - 1, 0)],
    ['is too long', along(dimensions + 1, 0)],
    ['has a NaN', along(dimensions, 0).fill(Number.NaN, 3, 4)],
    ['has an infinity', along(dimensions, 0).fill(Number.POSITIVE_INFINITY, 3, 4)],
    ['is all zeros', new Float32Array(dimensions)],
    ['has another length than 1', along(dimensions, 0).map((value) => value * 2)],
  ])('refuses a vector that %s', (_fault, vector) => {
    const index = create();
    index.add(1, along(dimensions, 1));
    expect(() => index.add(2, vector)).toThrow(RangeError);
    expect(() => index.search(vector, 1)).toThrow(RangeError);
    expect(index.size).toBe(1);
  });
});
