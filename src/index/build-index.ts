import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../clock.ts';
import type { Embedder } from '../embedding/embedder.ts';
import { messageOf } from '../errors.ts';
import type { Example } from '../examples/example.ts';
import { embedViews, meanVector, type OnProgress } from './embed-views.ts';
import { createExactIndex } from './exact-index.ts';
import { createExampleIndex, type ExampleIndex } from './example-index.ts';
import { openCurrent, writeGeneration } from './generations.ts';
import type { HnswIndex, HnswLibrary } from './hnsw-index.ts';
import type { Origin } from './manifest.ts';
import type { VectorStore } from './vector-store.ts';

export interface IndexParts {
  readonly examples: readonly Example[];
  /** Of everything that is taught, the examples among it. */
  readonly exampleSetHash: string;
  readonly embedder: Embedder;
  readonly vectors: VectorStore;
  /** Undefined where the native addon is absent: the exact index serves, from memory only. */
  readonly library: HnswLibrary | undefined;
  readonly indexDir: string;
  readonly clock: Clock;
  readonly onProgress?: OnProgress | undefined;
}

export interface IndexResult {
  readonly index: ExampleIndex;
  /** What had to be done, in words. */
  readonly how: string;
}

/** So many are added at a stretch: some ten milliseconds, then whatever else is due has its turn. */
const addedAtOnce = 32;
/** Beyond this share of changed examples a new graph is better than a patched one. */
const patchableShare = 0.25;

/**
 * Opens the stored index and brings it up to date with the examples; builds it anew when it is
 * missing, damaged, made with another encoder or library, or too far behind.
 */
export async function openOrBuildIndex(parts: IndexParts): Promise<IndexResult> {
  if (parts.library === undefined) return build(parts, 'the exact index is kept in memory only');
  const opened = await openCurrent(parts.indexDir, originOf(parts), parts.library);
  if (opened.kind === 'unusable') return build(parts, opened.reason);

  const wanted = new Map(parts.examples.map((example) => [example.id, example]));
  const labelled = opened.exampleIds.map((id) => (id === null ? null : (wanted.get(id) ?? null)));
  const known = new Set(opened.exampleIds);
  const added = parts.examples.filter(({ id }) => !known.has(id));
  const gone = opened.exampleIds.flatMap((id, label) =>
    id !== null && !wanted.has(id) ? [label] : [],
  );
  const changes = added.length + gone.length;
  if (changes === 0)
    return { index: createExampleIndex(opened.index, labelled), how: 'up to date' };
  if (changes > parts.examples.length * patchableShare) {
    return build(parts, 'many examples have changed');
  }
  for (const label of gone) opened.index.remove(label);
  const index = createExampleIndex(opened.index, labelled);
  await addAll(index, added, parts);
  const unsaved = await trySave(opened.index, index, parts);
  return { index, how: `${added.length} added, ${gone.length} removed${unsaved}` };
}

/** Embeds what is new, indexes everything and makes the result the current generation. Rejects when it can't be written. */
export async function buildIndex(parts: IndexParts, reason: string): Promise<IndexResult> {
  const { graph, index } = await indexAll(parts);
  await save(graph, index, parts);
  return { index, how: `built: ${reason}` };
}

/** The same for one who can do without the file. */
async function build(parts: IndexParts, reason: string): Promise<IndexResult> {
  const { graph, index } = await indexAll(parts);
  return { index, how: `built: ${reason}${await trySave(graph, index, parts)}` };
}

async function indexAll(
  parts: IndexParts,
): Promise<{ graph: HnswIndex | undefined; index: ExampleIndex }> {
  const { library, examples } = parts;
  const { dimensions } = parts.embedder.encoder;
  const graph = library?.create(dimensions, examples.length);
  const index = createExampleIndex(graph ?? createExactIndex(dimensions));
  await addAll(index, examples, parts);
  return { graph, index };
}

async function addAll(
  index: ExampleIndex,
  examples: readonly Example[],
  parts: IndexParts,
): Promise<void> {
  const texts = examples.map(({ text }) => text);
  const embedded = await embedViews(texts, parts);
  for (const [position, views] of embedded.entries()) {
    const example = examples[position];
    if (example !== undefined) index.add(example, meanVector(views));
    if (position % addedAtOnce === addedAtOnce - 1) await setImmediate();
  }
}

async function save(
  graph: HnswIndex | undefined,
  index: ExampleIndex,
  parts: IndexParts,
): Promise<void> {
  await writeGeneration(parts.indexDir, graph, {
    ...originOf(parts),
    exampleSetHash: parts.exampleSetHash,
    exampleIds: index.labels(),
    builtAt: new Date(parts.clock.now()).toISOString(),
  });
}

/** An index in memory serves as well; the next start makes it again. */
async function trySave(...saved: Parameters<typeof save>): Promise<string> {
  try {
    await save(...saved);
    return '';
  } catch (error) {
    return ` (in memory only: ${messageOf(error)})`;
  }
}

function originOf({ embedder, library }: IndexParts): Origin {
  const { hash, dimensions } = embedder.encoder;
  return { encoderHash: hash, library: library?.name ?? 'exact', dimensions };
}
