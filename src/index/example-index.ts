import type { Example } from '../examples/example.ts';
import type { VectorIndex } from './vector-index.ts';

/** An example near the ask. */
export interface Neighbour {
  readonly example: Example;
  /** Cosine; large is near. */
  readonly similarity: number;
}

/** Examples that can be searched by vector; changes are felt by the next search. */
export interface ExampleIndex {
  readonly kind: VectorIndex['kind'];
  readonly size: number;
  add(example: Example, vector: Float32Array): void;
  remove(id: string): void;
  /** At most `count` neighbours, nearest first. */
  neighbours(vector: Float32Array, count: number): Neighbour[];
  /** The id of the example under each label; null where one was removed. */
  labels(): (string | null)[];
}

/** `labelled[i]` is the example that already stands in the vector index under the label `i`. */
export function createExampleIndex(
  vectorIndex: VectorIndex,
  labelled: readonly (Example | null)[] = [],
): ExampleIndex {
  const byLabel: (Example | null)[] = [...labelled];
  const labelOf = new Map<string, number>();
  for (const [label, example] of byLabel.entries()) {
    if (example !== null) labelOf.set(example.id, label);
  }

  return {
    kind: vectorIndex.kind,
    get size() {
      return vectorIndex.size;
    },
    add(example, vector) {
      const label = byLabel.length;
      vectorIndex.add(label, vector);
      byLabel.push(example);
      labelOf.set(example.id, label);
    },
    remove(id) {
      const label = labelOf.get(id);
      if (label === undefined) return;
      vectorIndex.remove(label);
      byLabel[label] = null;
      labelOf.delete(id);
    },
    neighbours: (vector, count) =>
      vectorIndex.search(vector, count).flatMap(({ label, similarity }) => {
        const example = byLabel[label];
        return example ? [{ example, similarity }] : [];
      }),
    labels: () => byLabel.map((example) => example?.id ?? null),
  };
}
