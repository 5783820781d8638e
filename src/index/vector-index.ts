/** One hit of a search. */
export interface Hit {
  readonly label: number;
  /** Cosine; large is near. */
  readonly similarity: number;
}

/** Nearest-neighbour search over unit vectors, each under a label of the caller's. */
export interface VectorIndex {
  readonly kind: 'hnsw' | 'exact';
  readonly dimensions: number;
  readonly size: number;
  /** Throws RangeError when the vector has another length or is not a finite unit vector. */
  add(label: number, vector: Float32Array): void;
  remove(label: number): void;
  /** At most `count` hits, nearest first; equal similarities by label. */
  search(vector: Float32Array, count: number): Hit[];
}

const tolerance = 1e-2;

/** Guards an index against what would silently spoil it: wrong lengths, NaN, vectors not normalised. */
export function assertUnitVector(vector: Float32Array, dimensions: number): void {
  if (vector.length !== dimensions) {
    throw new RangeError(`The vector has ${vector.length} dimensions, the index ${dimensions}.`);
  }
  let squares = 0;
  // A plain loop: every search comes by here.
  for (let i = 0; i < dimensions; i += 1) squares += (vector[i] as number) ** 2;
  if (!(Math.abs(squares - 1) < tolerance)) {
    throw new RangeError(`The vector is not a unit vector: its squared length is ${squares}.`);
  }
}

export function byNearness(a: Hit, b: Hit): number {
  return b.similarity - a.similarity || a.label - b.label;
}
