import { createRequire } from 'node:module';
import type { HierarchicalNSW } from 'hnswlib-node';
import { assertUnitVector, byNearness, type Hit, type VectorIndex } from './vector-index.ts';

/**
 * Links a node keeps, candidates weighed while building and while searching. More links and fewer candidates find the
 * same share of what is near sooner, for some memory.
 */
const graph = { links: 24, buildBreadth: 200, searchBreadth: 72 };

export interface HnswIndex extends VectorIndex {
  save(path: string): Promise<void>;
}

interface SavedIndex {
  readonly path: string;
  readonly dimensions: number;
  /** Those in use: the library's own list includes what was deleted. */
  readonly labels: Iterable<number>;
}

export interface HnswLibrary {
  /** With its version, since files are not promised to outlive one, and how its graph is linked. */
  readonly name: string;
  create(dimensions: number, capacity: number): HnswIndex;
  /** Opens a file that `save` wrote. Rejects when the library refuses it. */
  open(saved: SavedIndex): Promise<HnswIndex>;
}

/** The native addon, or undefined where it could not be compiled: then the exact index serves. */
export async function loadHnswLibrary(): Promise<HnswLibrary | undefined> {
  try {
    const { default: addon } = await import('hnswlib-node');
    return {
      name: `hnswlib-node ${version()}, ${graph.links} links`,
      create(dimensions, capacity) {
        const native = new addon.HierarchicalNSW('ip', dimensions);
        native.initIndex({
          maxElements: Math.max(capacity, 64),
          m: graph.links,
          efConstruction: graph.buildBreadth,
          randomSeed: 100,
          allowReplaceDeleted: true,
        });
        return wrap(native, dimensions, []);
      },
      async open({ path, dimensions, labels }) {
        const native = new addon.HierarchicalNSW('ip', dimensions);
        await native.readIndex(path, true);
        return wrap(native, dimensions, labels);
      },
    };
  } catch {
    return undefined;
  }
}

function version(): string {
  const { version } = createRequire(import.meta.url)('hnswlib-node/package.json');
  return String(version);
}

function wrap(native: HierarchicalNSW, dimensions: number, labels: Iterable<number>): HnswIndex {
  const live = new Set(labels);

  return {
    kind: 'hnsw',
    dimensions,
    get size() {
      return live.size;
    },
    add(label, vector) {
      assertUnitVector(vector, dimensions);
      if (native.getCurrentCount() >= native.getMaxElements()) {
        native.resizeIndex(native.getMaxElements() * 2);
      }
      native.addPoint(toArray(vector), label, true);
      live.add(label);
    },
    remove(label) {
      if (live.delete(label)) native.markDelete(label);
    },
    search(vector, count) {
      assertUnitVector(vector, dimensions);
      const wanted = Math.min(count, live.size);
      if (wanted === 0) return [];
      native.setEf(Math.max(graph.searchBreadth, wanted));
      const { neighbors, distances } = native.searchKnn(toArray(vector), wanted);
      const hits: Hit[] = neighbors.map((label, position) => ({
        label,
        similarity: 1 - (distances[position] ?? 1),
      }));
      return hits.sort(byNearness);
    },
    save: async (path) => void (await native.writeIndex(path)),
  };
}

/** What the addon takes; Array.from goes through the iterator and takes ten times as long. */
function toArray(vector: Float32Array): number[] {
  const numbers = new Array<number>(vector.length);
  for (let i = 0; i < vector.length; i += 1) numbers[i] = vector[i] as number;
  return numbers;
}
