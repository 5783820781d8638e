import type { Example } from '../examples/example.ts';
import type { ExampleStore } from '../examples/example-store.ts';
import { type IndexParts, openOrBuildIndex } from './build-index.ts';
import type { ExampleIndex, Neighbour } from './example-index.ts';

/** The examples in force together with their index: a change reaches both, or neither. */
export interface LiveExamples {
  readonly size: number;
  readonly indexKind: ExampleIndex['kind'];
  /** Order-independent hash of the set in force. */
  readonly hash: string;
  list(className?: string): Example[];
  findByText(text: string): Example | undefined;
  neighbours(vector: Float32Array, count: number): Neighbour[];
  /** Durable and searchable when it resolves. Rejects with RouterError, or EmbedderError when there is no vector. */
  add(candidate: { text: string; className: string }): Promise<Example>;
  /** Durable when it returns. Throws RouterError `not_found`. */
  remove(id: string): Example;
  /** Reads the datasets again and swaps to the index on disk. Says what was done. */
  reload(): Promise<string>;
}

export async function createLiveExamples(
  store: ExampleStore,
  parts: Omit<IndexParts, 'examples'>,
): Promise<{ live: LiveExamples; how: string }> {
  const open = () => openOrBuildIndex({ ...parts, examples: store.list() });
  const opened = await open();
  let { index } = opened;
  let hash = store.hash();

  const live: LiveExamples = {
    get size() {
      return index.size;
    },
    get indexKind() {
      return index.kind;
    },
    get hash() {
      return hash;
    },
    list: (className) => store.list(className),
    findByText: (text) => store.findByText(text),
    neighbours: (vector, count) => index.neighbours(vector, count),
    async add(candidate) {
      store.check(candidate);
      const [embedding] = await parts.embedder.embed([candidate.text]);
      if (embedding === undefined) throw new Error('The embedder returned nothing.');
      // Checked again: the same text may have come in while this one was being embedded.
      const example = store.check(candidate);
      parts.vectors.put([{ text: example.text, vector: embedding.vector }]);
      store.add(example);
      index.add(example, embedding.vector);
      hash = store.hash();
      return example;
    },
    remove(id) {
      const example = store.remove(id);
      index.remove(id);
      hash = store.hash();
      return example;
    },
    async reload() {
      store.reload();
      const next = await open();
      index = next.index;
      // What was added or removed while the index was being opened.
      const current = new Map(store.list().map((example) => [example.id, example]));
      for (const id of index.labels()) if (id !== null && !current.has(id)) index.remove(id);
      const indexed = new Set(index.labels());
      for (const example of current.values()) {
        const vector = indexed.has(example.id) ? undefined : parts.vectors.get(example.text);
        if (vector !== undefined) index.add(example, vector);
      }
      hash = store.hash();
      return next.how;
    },
  };
  return { live, how: opened.how };
}
