import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createExactIndex } from '../../src/index/exact-index.ts';
import type { VectorIndex } from '../../src/index/vector-index.ts';
import { makeTempDirectory, writeFileIn } from '../support/temp-directory.ts';
import { needHnswLibrary } from './hnsw-library.ts';
import { along, clusteredVectors } from './unit-vectors.ts';

const library = await needHnswLibrary();
const dimensions = 64;
/** Far more than ship. */
const count = 20_000;
const drawn = clusteredVectors({ count: count + 200, dimensions, clusters: 50, seed: 7 });
const vectors = drawn.slice(0, count);
const queries = drawn.slice(count);

/** The share of the ten nearest that the graph finds too. */
function recall(graph: VectorIndex, oracle: VectorIndex): number {
  let found = 0;
  for (const query of queries) {
    const nearest = new Set(oracle.search(query, 10).map(({ label }) => label));
    found += graph.search(query, 10).filter(({ label }) => nearest.has(label)).length;
  }
  return found / (queries.length * 10);
}

/** The graph of the first so many vectors, and the oracle of the same. */
function fill(size: number) {
  const graph = library.create(dimensions, 64);
  const oracle = createExactIndex(dimensions);
  for (const [label, vector] of vectors.slice(0, size).entries()) {
    graph.add(label, vector);
    oracle.add(label, vector);
  }
  return { graph, oracle };
}

describe('the graph index', () => {
  it('agrees with the exact one, and so does its file', async () => {
    const { graph, oracle } = fill(count);
    expect(recall(graph, oracle)).toBeGreaterThanOrEqual(0.99);

    const path = join(makeTempDirectory(), 'index.hnsw');
    await graph.save(path);
    const opened = await library.open({ path, dimensions, labels: vectors.keys() });
    for (const query of queries) expect(opened.search(query, 10)).toEqual(graph.search(query, 10));
  }, 90_000);

  it('agrees with it still after a quarter was replaced', () => {
    const { graph, oracle } = fill(2_000);
    const both = [graph, oracle];
    for (let label = 0; label < 2_000; label += 4) for (const index of both) index.remove(label);
    for (const [position, vector] of vectors.slice(2_000, 2_500).entries()) {
      for (const index of both) index.add(2_000 + position, vector);
    }
    expect(graph.size).toBe(2_000);
    expect(recall(graph, oracle)).toBeGreaterThanOrEqual(0.99);
  });
});

describe('a saved graph', () => {
  it('remembers what was removed, and goes on from there', async () => {
    const graph = library.create(4, 4);
    for (const axis of [0, 1, 2, 3]) graph.add(axis, along(4, axis));
    graph.remove(1);
    graph.remove(2);
    const path = join(makeTempDirectory(), 'index.hnsw');
    await graph.save(path);

    const opened = await library.open({ path, dimensions: 4, labels: [0, 3] });
    expect(opened.size).toBe(2);
    expect(opened.search(along(4, 1), 10).map(({ label }) => label)).toEqual([0, 3]);
    opened.remove(1);
    opened.remove(0);
    opened.add(4, along(4, 1));
    expect(opened.size).toBe(2);
    expect(opened.search(along(4, 1), 10).map(({ label }) => label)).toEqual([4, 3]);
  });

  it('grows like any other', async () => {
    const graph = library.create(dimensions, 64);
    for (const [label, vector] of vectors.slice(0, 64).entries()) graph.add(label, vector);
    const path = join(makeTempDirectory(), 'index.hnsw');
    await graph.save(path);
    const labels = Array.from({ length: 64 }, (_, label) => label);
    const opened = await library.open({ path, dimensions, labels });
    for (const [label, vector] of vectors.slice(0, 200).entries()) {
      if (label >= 64) opened.add(label, vector);
    }
    expect(opened.size).toBe(200);
    for (const [label, vector] of vectors.slice(0, 200).entries()) {
      expect(opened.search(vector, 1)[0]?.label).toBe(label);
    }
  });

  it('is refused when it is something else', async () => {
    const path = writeFileIn(makeTempDirectory(), 'index.hnsw', 'not an index');
    await expect(library.open({ path, dimensions: 4, labels: [] })).rejects.toThrow();
    const missing = `${path}.missing`;
    await expect(library.open({ path: missing, dimensions: 4, labels: [] })).rejects.toThrow();
  });
});
