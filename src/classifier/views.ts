import { toAskedText } from './asked-text.ts';

/** Characters at either end. The encoder's cost grows with the length; two such ends cost less than half of its window. */
const edge = 160;

/**
 * What the encoder reads of a text: all of a short one; of a long one the beginning and the end, where
 * instructions stand, and not the material that is pasted between.
 */
export function toViews(text: string): readonly string[] {
  const asked = toAskedText(text);
  return asked.length <= 2 * edge ? [asked] : [asked.slice(0, edge), asked.slice(-edge)];
}

/** One unit vector for the views of a text: their direction in the mean, or the first where they cancel out. */
export function meanOfViews(vectors: readonly Float32Array[]): Float32Array {
  const [first] = vectors;
  if (first === undefined) throw new RangeError('A text without views has no vector.');
  if (vectors.length === 1) return first;
  const mean = new Float32Array(first.length);
  for (const vector of vectors) {
    for (const [position, value] of vector.entries())
      mean[position] = (mean[position] ?? 0) + value;
  }
  const length = Math.hypot(...mean);
  return length === 0 ? first : mean.map((value) => value / length);
}
