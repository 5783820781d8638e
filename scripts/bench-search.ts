// What a search costs by the size of the index, and what it finds of what the exact scan finds:
// npm run bench:search [-- --sizes 1000,10000,100000 --large --report search.json]. --large adds a million.
// The vectors are made up.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createExactIndex } from '../src/index/exact-index.ts';
import { type HnswLibrary, loadHnswLibrary } from '../src/index/hnsw-index.ts';
import type { VectorIndex } from '../src/index/vector-index.ts';
import { clusteredVectors } from '../test/index/unit-vectors.ts';
import { median } from './bench/figures.ts';
import { alignColumns, threeDigits } from './support/align-columns.ts';

const dimensions = 384;
/** Of more, each small enough to be searched as a whole, the graph would miss nothing. */
const clusters = 30;
const neighbours = 10;
const queryCount = 100;

const { values } = parseArgs({
  options: {
    sizes: { type: 'string', default: '1000,10000,100000' },
    large: { type: 'boolean', default: false },
    report: { type: 'string' },
  },
});
const sizes = [...values.sizes.split(',').map(Number), ...(values.large ? [1_000_000] : [])];

interface Row {
  readonly kind: VectorIndex['kind'];
  readonly vectors: number;
  readonly searchMs: number;
  readonly slowestMs: number;
  readonly recall: number;
  /** By which the process grew. */
  readonly residentMb: number;
  readonly buildMs: number;
  /** Of the file that the index was saved to; the exact one has none. */
  readonly loadMs?: number;
}

type Found = readonly ReadonlySet<number>[];

function search(index: VectorIndex, queries: readonly Float32Array[]) {
  for (const query of queries.slice(0, 10)) index.search(query, neighbours);
  const times: number[] = [];
  const found: Found = queries.map((query) => {
    const startedAtMs = performance.now();
    const hits = index.search(query, neighbours);
    times.push(performance.now() - startedAtMs);
    return new Set(hits.map(({ label }) => label));
  });
  return { found, searchMs: median(times) ?? Number.NaN, slowestMs: Math.max(...times) };
}

function build<Index extends VectorIndex>(create: () => Index, vectors: readonly Float32Array[]) {
  const residentBefore = process.memoryUsage.rss();
  const startedAtMs = performance.now();
  const index = create();
  for (const [label, vector] of vectors.entries()) index.add(label, vector);
  const buildMs = performance.now() - startedAtMs;
  const residentMb = (process.memoryUsage.rss() - residentBefore) / 2 ** 20;
  return { index, cost: { buildMs, residentMb } };
}

function recallOf(found: Found, expected: Found): number {
  const hits = expected.flatMap((labels, at) =>
    [...labels].filter((label) => found[at]?.has(label)),
  );
  return hits.length / (expected.length * neighbours);
}

async function measureLoad(
  library: HnswLibrary,
  graph: ReturnType<HnswLibrary['create']>,
): Promise<number> {
  const directory = mkdtempSync(join(tmpdir(), 'switchyard-bench-search-'));
  try {
    const path = join(directory, 'index.hnsw');
    await graph.save(path);
    const startedAtMs = performance.now();
    await library.open({ path, dimensions, labels: [] });
    return performance.now() - startedAtMs;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

async function measure(count: number): Promise<Row[]> {
  const all = clusteredVectors({ count: count + queryCount, dimensions, clusters, seed: 1 });
  const vectors = all.slice(0, count);
  const queries = all.slice(count);

  const exact = build(() => createExactIndex(dimensions), vectors);
  const { found: expected, ...exactTimes } = search(exact.index, queries);
  const exactRow = {
    kind: 'exact',
    vectors: count,
    recall: 1,
    ...exactTimes,
    ...exact.cost,
  } as const;
  const library = await loadHnswLibrary();
  if (library === undefined) return [exactRow];

  const graph = build(() => library.create(dimensions, count), vectors);
  const { found, ...times } = search(graph.index, queries);
  const recall = recallOf(found, expected);
  const loadMs = await measureLoad(library, graph.index);
  return [{ kind: 'hnsw', vectors: count, recall, ...times, ...graph.cost, loadMs }, exactRow];
}

const rows: Row[] = [];
for (const size of sizes) rows.push(...(await measure(size)));
const cells = rows.map(({ kind, loadMs, ...row }) => [
  kind,
  String(row.vectors),
  ...[row.searchMs, row.slowestMs, row.recall, row.residentMb, row.buildMs].map(threeDigits),
  loadMs === undefined ? '' : threeDigits(loadMs),
]);
const titles = 'index,vectors,search ms,slowest ms,recall@10,RSS MB,build ms,load ms'.split(',');
process.stdout.write(alignColumns([titles, ...cells]));
if (values.report !== undefined) {
  writeFileSync(values.report, `${JSON.stringify({ dimensions, neighbours, rows }, null, 2)}\n`);
}
