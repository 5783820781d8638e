import { appendFileSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { joinFeatures } from '../../src/embedding/features.ts';
import { openVectorStore, type VectorStoreOptions } from '../../src/index/vector-store.ts';
import { makeTempDirectory } from '../support/temp-directory.ts';
import { along } from './unit-vectors.ts';

const dimensions = 4;
const featureDimensions = 8;
const encoder = { hash: 'encoder', dimensions, featureDimensions };
const headerBytes = 'switchyard-vectors 2 encoder\n'.length;
const recordBytes = 16 + 4 + featureDimensions;
const [a, b, c] = ['a', 'b', 'c'].map((text, axis) => {
  const vector = along(dimensions, axis);
  const features = joinFeatures(vector, along(dimensions, 3));
  return { text, features, kept: { vector, features } };
});
if (a === undefined || b === undefined || c === undefined) throw new Error('Three were made.');

function makePath(): string {
  return join(makeTempDirectory(), 'vectors', 'encoder.bin');
}

function open(path: string, options: Partial<VectorStoreOptions> = {}) {
  const store = openVectorStore({ path, encoder, isOwner: true, ...options });
  onTestFinished(() => store.close());
  return store;
}

describe('the store of vectors', () => {
  it('has them by their exact text', () => {
    const store = open(makePath());
    store.put([a, b]);
    expect(store.size).toBe(2);
    expect(store.get('a')).toEqual(a.kept);
    expect(store.get('A')).toBeUndefined();
    expect(store.get('c')).toBeUndefined();
  });

  it('gives unit vectors that are the ones put in but for rounding', () => {
    const path = makePath();
    const vector = Float32Array.of(0.7, -0.1, 0.1, Math.sqrt(0.49));
    const features = joinFeatures(vector, along(4, 1, 2));
    open(path).put([{ text: 'text', features }]);
    const kept = open(path).get('text');
    for (const [given, got] of [
      [vector, kept?.vector],
      [features, kept?.features],
    ]) {
      expect(Math.hypot(...(got ?? []))).toBeCloseTo(1, 6);
      for (const [axis, value] of (got ?? []).entries()) {
        expect(value).toBeCloseTo(given?.[axis] ?? 0, 2);
      }
    }
  });

  it('keeps a vector that is its own features once', () => {
    const path = makePath();
    const store = open(path, { encoder: { ...encoder, featureDimensions: dimensions } });
    store.put([{ text: 'text', features: along(4, 0, 1) }]);
    expect(readFileSync(path)).toHaveLength(headerBytes + 16 + 4 + dimensions);
    expect(store.get('text')).toEqual({ vector: along(4, 0, 1), features: along(4, 0, 1) });
  });

  it('survives being opened again, and goes on where it ended', () => {
    const path = makePath();
    const first = openVectorStore({ path, encoder, isOwner: true });
    first.put([a]);
    first.close();
    open(path).put([b, c]);
    const store = open(path);
    expect(store.size).toBe(3);
    for (const { text, kept } of [a, b, c]) expect(store.get(text)).toEqual(kept);
  });

  it('prefers what was stored last', () => {
    const path = makePath();
    open(path).put([a, { text: 'a', features: b.features }]);
    expect(open(path).get('a')).toEqual(b.kept);
  });

  it('drops a record that was cut short and takes new ones after it', () => {
    for (const lostBytes of [1, recordBytes - 1]) {
      const path = makePath();
      open(path).put([a, b]);
      truncateSync(path, headerBytes + 2 * recordBytes - lostBytes);
      const store = open(path);
      expect(store.get('a')).toEqual(a.kept);
      expect(store.get('b')).toBeUndefined();
      store.put([c]);
      expect(open(path).get('c')).toEqual(c.kept);
    }
  });

  it('drops a damaged record and what follows it, and keeps those before', () => {
    const path = makePath();
    open(path).put([a, b, c]);
    const content = readFileSync(path);
    const last = headerBytes + 2 * recordBytes - 1;
    content[last] = (content[last] ?? 0) ^ 1;
    writeFileSync(path, content);
    const store = open(path);
    expect(store.size).toBe(1);
    expect(store.get('a')).toEqual(a.kept);
    expect(readFileSync(path)).toHaveLength(headerBytes + recordBytes);
  });

  it('leaves the end of the file alone when it belongs to another process', () => {
    const path = makePath();
    open(path).put([a]);
    appendFileSync(path, 'half a record');
    const before = readFileSync(path);
    expect(open(path, { isOwner: false }).get('a')).toEqual(a.kept);
    expect(readFileSync(path)).toEqual(before);
  });

  it('has what came with the examples, until it knows better', () => {
    const shippedPath = join(makeTempDirectory(), 'shipped.bin');
    open(makePath()).copyTo(shippedPath, []);
    const source = open(makePath());
    source.put([a, b, c]);
    expect(source.copyTo(shippedPath, ['b', 'a', 'a', 'unknown'])).toBe(2);

    const path = makePath();
    const store = open(path, { shippedPath });
    expect(store.get('a')).toEqual(a.kept);
    expect(store.get('c')).toBeUndefined();
    store.put([{ text: 'a', features: c.features }]);
    const again = open(path, { shippedPath });
    expect(again.get('a')).toEqual(c.kept);
    expect(again.get('b')).toEqual(b.kept);
  });

  it('has nothing of another encoder, shipped or its own', () => {
    const path = makePath();
    const shippedPath = join(makeTempDirectory(), 'shipped.bin');
    const source = open(path);
    source.put([a]);
    source.copyTo(shippedPath, ['a']);
    const other = { ...encoder, hash: 'another' };
    expect(open(makePath(), { shippedPath, encoder: other }).size).toBe(0);
    const store = open(path, { encoder: other });
    expect(store.size).toBe(0);
    store.put([b]);
    expect(open(path, { encoder: other }).get('b')).toEqual(b.kept);
  });

  it('refuses what would spoil the file, and then keeps nothing of the call', () => {
    const path = makePath();
    const store = open(path);
    for (const features of [
      along(4, 0),
      along(7, 0, 4),
      new Float32Array(8),
      along(8, 0, 4).fill(Number.NaN, 1, 2),
      along(8, 0, 4).fill(Number.NaN, 5, 6),
      along(8, 4),
    ]) {
      expect(() => store.put([a, { text: 'bad', features }])).toThrow(RangeError);
    }
    expect(store.size).toBe(0);
    expect(readFileSync(path)).toHaveLength(headerBytes);
  });
});
