import { describe, expect, it } from 'vitest';
import { toReplyIds, toSparseIds } from '../../src/classifier/feature-ids.ts';
import { decodeFeatures, encodeFeatures } from '../../src/classifier/feature-record.ts';

describe('a record of features', () => {
  const format = { tier: 'transformer', dimensions: 2, featureDimensions: 4 } as const;
  const features = Float32Array.of(0.6, 0.8, -1, 0).map((value) => value * Math.SQRT1_2);
  const context = Float32Array.of(0, 1, 1, 0).map((value) => value * Math.SQRT1_2);
  const vectors = [features, features];
  const sparse = toSparseIds('sort a list');
  const prior = [
    { className: 'coding', probability: 0.75 },
    { className: 'größer "als"', probability: 0.25 },
  ];
  const reply = toReplyIds('sorted by now');
  const alone = encodeFeatures({ vectors, sparse }, format);
  const following = encodeFeatures({ vectors, sparse, before: { context, reply, prior } }, format);
  const rounded = (values: Iterable<number> = []) =>
    [...values].map((value) => Math.round(value * 100) / 100);

  it('has each view and the weight of each feature, and no word', () => {
    const recorded = decodeFeatures(alone);
    expect(recorded?.views).toHaveLength(2);
    for (const view of recorded?.views ?? []) {
      expect(rounded(view.vector)).toEqual([0.6, 0.8]);
      expect(view.features).toHaveLength(4);
    }
    expect([...(recorded?.sparse.keys() ?? [])]).toEqual([...sparse.keys()]);
    expect(rounded(recorded?.sparse.values())).toEqual(rounded(sparse.values()));
    expect(recorded?.before).toBeUndefined();
    for (const record of [alone, following]) {
      expect(Buffer.from(record).toString('latin1')).not.toMatch(/sort|list|now/);
    }
  });

  it('says which tier made the vectors', () => {
    expect(decodeFeatures(alone)?.tier).toBe('transformer');
    const flat = { tier: 'static', dimensions: 4, featureDimensions: 4 } as const;
    const recorded = decodeFeatures(encodeFeatures({ vectors, sparse }, flat));
    expect(recorded?.tier).toBe('static');
    expect(recorded?.views[0]?.features).toBe(recorded?.views[0]?.vector);
    const unknown = Uint8Array.from(alone).fill(9, 1, 2);
    expect(decodeFeatures(unknown)).toBeUndefined();
  });

  it('has what came before, and the same besides', () => {
    const recorded = decodeFeatures(following);
    expect({ ...recorded, before: undefined }).toEqual(decodeFeatures(alone));
    expect(rounded(recorded?.before?.context.vector)).toEqual([0, 1]);
    expect(rounded(recorded?.before?.context.features)).toEqual([0, 0.71, 0.71, 0]);
    expect([...(recorded?.before?.reply.keys() ?? [])]).toEqual([...reply.keys()]);
    expect(recorded?.before?.prior).toEqual(prior);
  });

  it('has what came before also where nothing was said or taken from it', () => {
    const nothing = { context, reply: new Map(), prior: [] };
    const recorded = decodeFeatures(encodeFeatures({ vectors, sparse, before: nothing }, format));
    expect(recorded?.before).toMatchObject({ reply: new Map(), prior: [] });
  });

  it('is read wherever it lies in memory', () => {
    const moved = new Uint8Array(following.length + 11);
    moved.set(following, 11);
    expect(decodeFeatures(moved.subarray(11))).toEqual(decodeFeatures(following));
  });

  it.each([
    ['that stands alone', alone],
    ['with something before', following],
  ])('%s is not read when it is cut short, wherever, or goes on after its end', (_case, record) => {
    expect(decodeFeatures(record)).toBeDefined();
    for (let length = 0; length < record.length; length += 1) {
      expect(decodeFeatures(record.subarray(0, length))).toBeUndefined();
      // Also where nothing lies behind it.
      expect(decodeFeatures(Uint8Array.from(record.subarray(0, length)))).toBeUndefined();
    }
    expect(decodeFeatures(Uint8Array.of(...record, 0))).toBeUndefined();
  });

  it('is not read when it is of another version', () => {
    expect(decodeFeatures(Uint8Array.of(1, ...alone.subarray(1)))).toBeUndefined();
    expect(decodeFeatures(Uint8Array.of(3, ...alone.subarray(1)))).toBeUndefined();
  });
});
