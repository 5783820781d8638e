import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { groupNearDuplicates, groupRelated } from '../../src/evaluation/near-duplicates.ts';
import { createRandom } from '../../src/random.ts';

/** A unit vector of the plane at an angle, spread over enough dimensions to have a tail. */
function at(degrees: number, plane = 0): Float32Array {
  const vector = new Float32Array(70);
  vector[plane] = Math.cos((degrees * Math.PI) / 180);
  vector[plane + 66] = Math.sin((degrees * Math.PI) / 180);
  return vector;
}

describe('groupNearDuplicates', () => {
  it('groups texts that differ in case, width and spacing only', () => {
    const keys = groupNearDuplicates([
      { text: 'Hello  World', vector: at(0) },
      { text: 'hello worlds', vector: at(90) },
      { text: '\tＨello\nworld ', vector: at(180) },
    ]);
    expect(keys).toEqual([0, 1, 0]);
  });

  it('groups vectors from a cosine of .95 up', () => {
    // cos 18° = .951, cos 19° = .946
    const keys = (degrees: number) =>
      groupNearDuplicates([
        { text: 'a', vector: at(0) },
        { text: 'b', vector: at(degrees) },
      ]);
    expect(keys(18)).toEqual([0, 0]);
    expect(keys(19)).toEqual([0, 1]);
  });

  it('takes another threshold', () => {
    const items = [
      { text: 'a', vector: at(0) },
      { text: 'b', vector: at(59) },
    ];
    expect(groupNearDuplicates(items, { minSimilarity: 0.5 })).toEqual([0, 0]);
  });

  it('carries both relations over', () => {
    const keys = groupNearDuplicates([
      { text: 'other', vector: at(0, 3) },
      { text: 'a', vector: at(0) },
      { text: 'b', vector: at(15) },
      { text: 'c', vector: at(30) },
      { text: 'C', vector: at(200) },
    ]);
    expect(keys).toEqual([0, 1, 1, 1, 1]);
  });

  it('looks at the direction of a vector, not at its length', () => {
    const keys = groupNearDuplicates([
      { text: 'a', vector: at(10).map((value) => value * 30) },
      { text: 'b', vector: at(12).map((value) => value * 0.01) },
    ]);
    expect(keys).toEqual([0, 0]);
  });

  it('groups a vector of zeros with nothing', () => {
    const zeros = new Float32Array(70);
    expect(
      groupNearDuplicates([
        { text: 'a', vector: zeros },
        { text: 'b', vector: zeros },
      ]),
    ).toEqual([0, 1]);
  });

  it('refuses vectors of different lengths', () => {
    const items = [
      { text: 'a', vector: new Float32Array(3) },
      { text: 'b', vector: new Float32Array(4) },
    ];
    expect(() => groupNearDuplicates(items)).toThrow('Vector 1 has 4 dimensions, the first one 3.');
  });

  it('finds the connected components of the plain definition', () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.integer({ min: 1, max: 130 }),
        fc.double({ min: 0.05, max: 1, noNaN: true }),
        (seed, dimensions, spread) => {
          const random = createRandom(seed);
          const centres = [1, 2, 3].map(() =>
            Array.from({ length: dimensions }, () => random() - 0.5),
          );
          const items = Array.from({ length: 24 }, (_, index) => ({
            text: `${index}`,
            vector: Float32Array.from(
              centres[index % 3] ?? [],
              (value) => value + spread * (random() - 0.5),
            ),
          }));
          expect(groupNearDuplicates(items)).toEqual(components(items.map(({ vector }) => vector)));
        },
      ),
    );
  });
});

describe('groupRelated', () => {
  it('groups the turns of a conversation, whatever they say', () => {
    const keys = groupRelated([
      { text: 'a', vector: at(0), conversation: '1' },
      { text: 'b', vector: at(0), conversation: '2' },
      { text: 'c', vector: at(90), conversation: '1' },
      { text: 'd', vector: at(180), conversation: '2' },
    ]);
    expect(keys).toEqual([0, 1, 0, 1]);
  });

  it('joins neither two conversations nor one with another text by what they say alike', () => {
    const keys = groupRelated([
      { text: 'yes, please', vector: at(0) },
      { text: 'yes, please', vector: at(0), conversation: '1' },
      { text: 'yes, please', vector: at(0), conversation: '2' },
    ]);
    expect(keys).toEqual([0, 1, 2]);
  });

  it('groups near-duplicates among the others as ever, wherever they stand', () => {
    const items = [
      { text: 'turn', vector: at(0), conversation: '1' },
      { text: 'a', vector: at(50) },
      { text: 'turn', vector: at(50), conversation: '1' },
      { text: 'other', vector: at(120) },
      { text: 'A', vector: at(200) },
    ];
    expect(groupRelated(items)).toEqual([0, 1, 0, 3, 1]);
    const near = [items[1], { text: 'b', vector: at(100) }].flatMap((item) => item ?? []);
    expect(groupRelated(near)).toEqual([0, 1]);
    expect(groupRelated(near, { minSimilarity: 0.5 })).toEqual([0, 0]);
  });

  it('has nothing to group where there is nothing', () => {
    expect(groupRelated([])).toEqual([]);
  });
});

function components(vectors: readonly Float32Array[]): number[] {
  const keys = vectors.map((_, index) => index);
  // Spreads the smallest index until nothing changes.
  for (let changed = true; changed; ) {
    changed = false;
    for (const [a, first] of vectors.entries()) {
      for (const [b, second] of vectors.entries()) {
        const [keyA, keyB] = [keys[a] ?? 0, keys[b] ?? 0];
        if (keyA < keyB && cosine(first, second) >= 0.95) {
          keys[b] = keyA;
          changed = true;
        }
      }
    }
  }
  return keys;
}

function cosine(a: Float32Array, b: Float32Array): number {
  return product(a, b) / Math.sqrt(product(a, a) * product(b, b));
}

function product(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);
}
