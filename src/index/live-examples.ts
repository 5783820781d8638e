import type { Example } from '../examples/example.ts';
import type { ExampleStore } from '../examples/example-store.ts';
import { type IndexParts, openOrBuildIndex } from './build-index.ts';
import { embedViews, meanVector } from './embed-views.ts';
import type { ExampleIndex, Neighbour } from './example-index.ts';
import { type Taught, teach, teachableOf } from './teach.ts';

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
  /** Everything in force, with the features of its views, to fit a head on. */
  taught(): Promise<Taught>;
  /** Calls back after every change of the set. */
  onChange(listener: () => void): void;
}

export async function createLiveExamples(
  store: ExampleStore,
  parts: Omit<IndexParts, 'examples' | 'exampleSetHash'>,
): Promise<{ live: LiveExamples; how: string }> {
  const open = () =>
    openOrBuildIndex({ ...parts, examples: store.list(), exampleSetHash: store.hash() });
  const opened = await open();
  let { index } = opened;
  let hash = store.hash();
  let tellChange = (): void => {};
  const vectorOf = async (text: string): Promise<Float32Array> => {
    const [views] = await embedViews([text], parts);
    return meanVector(views ?? []);
  };
  const changed = (): void => {
    hash = store.hash();
    tellChange();
  };

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
      const vector = await vectorOf(candidate.text);
      // Checked again: the same text may have come in while this one was being embedded.
      const example = store.check(candidate);
      store.add(example);
      index.add(example, vector);
      changed();
      return example;
    },
    remove(id) {
      const example = store.remove(id);
      index.remove(id);
      changed();
      return example;
    },
    async reload() {
      store.reload();
      hash = store.hash();
      const next = await open();
      index = next.index;
      // What was added or removed while the index was being opened.
      const current = new Map(store.list().map((example) => [example.id, example]));
      for (const id of index.labels()) if (id !== null && !current.has(id)) index.remove(id);
      const indexed = new Set(index.labels());
      for (const example of current.values()) {
        if (!indexed.has(example.id)) index.add(example, await vectorOf(example.text));
      }
      changed();
      return next.how;
    },
    taught: () => teach(teachableOf(store), parts),
    onChange(listener) {
      tellChange = listener;
    },
  };
  return { live, how: opened.how };
}
