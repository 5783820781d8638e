import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { createExample, type Example } from '../../src/examples/example.ts';
import type { IndexParts } from '../../src/index/build-index.ts';
import type { HnswLibrary } from '../../src/index/hnsw-index.ts';
import { openVectorStore } from '../../src/index/vector-store.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { createFakeEmbedder, type FakeEmbedder } from '../support/fake-embedder.ts';

const things = ['apple', 'boat', 'cloud', 'door', 'engine', 'forest', 'garden', 'harbour'];

/** Texts that share words, all different: half under each of two classes. */
export function makeExamples(count: number, firstNumber = 0): Example[] {
  return Array.from({ length: count }, (_, position) => {
    const number = firstNumber + position;
    const text = `${things[number % things.length]} number ${number}`;
    return createExample({ text, class: number % 2 === 0 ? 'chat' : 'coding' }, 'dataset');
  });
}

/** What an index is made with, over a directory that outlives it: opening twice is a new start. */
export function openParts(options: {
  readonly directory: string;
  readonly library: HnswLibrary | undefined;
  readonly embedder?: FakeEmbedder;
}): Omit<IndexParts, 'examples' | 'exampleSetHash' | 'embedder'> & {
  readonly embedder: FakeEmbedder;
} {
  const { directory, library, embedder = createFakeEmbedder() } = options;
  const { encoder } = embedder;
  const path = join(directory, 'vectors', `${encoder.hash}.bin`);
  const vectors = openVectorStore({ path, encoder, isOwner: true });
  onTestFinished(() => vectors.close());
  return {
    embedder,
    vectors,
    library,
    indexDir: join(directory, 'index'),
    clock: createFakeClock(Date.UTC(2026, 0, 2)),
  };
}
