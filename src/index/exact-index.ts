import { assertUnitVector, byNearness, type Hit, type VectorIndex } from './vector-index.ts';

/** Compares with every vector: the oracle for the graph index, and what serves without the native addon. */
export function createExactIndex(dimensions: number): VectorIndex {
  let rows = new Float32Array(64 * dimensions);
  const labels: number[] = [];
  const rowOf = new Map<number, number>();

  return {
    kind: 'exact',
    dimensions,
    get size() {
      return labels.length;
    },
    add(label, vector) {
      assertUnitVector(vector, dimensions);
      const row = rowOf.get(label) ?? labels.length;
      if ((row + 1) * dimensions > rows.length) {
        const larger = new Float32Array(rows.length * 2);
        larger.set(rows);
        rows = larger;
      }
      rows.set(vector, row * dimensions);
      labels[row] = label;
      rowOf.set(label, row);
    },
    remove(label) {
      const row = rowOf.get(label);
      const lastLabel = labels.at(-1);
      if (row === undefined || lastLabel === undefined) return;
      // The last row moves into the gap.
      const lastRow = labels.length - 1;
      rows.copyWithin(row * dimensions, lastRow * dimensions, (lastRow + 1) * dimensions);
      labels[row] = lastLabel;
      rowOf.set(lastLabel, row);
      labels.pop();
      rowOf.delete(label);
    },
    search(vector, count) {
      assertUnitVector(vector, dimensions);
      const hits: Hit[] = labels.map((label, row) => ({
        label,
        similarity: dot(rows, row * dimensions, vector),
      }));
      return hits.sort(byNearness).slice(0, count);
    },
  };
}

function dot(rows: Float32Array, offset: number, vector: Float32Array): number {
  let sum = 0;
  for (let position = 0; position < vector.length; position += 1) {
    sum += (rows[offset + position] ?? 0) * (vector[position] ?? 0);
  }
  return sum;
}
