import type { TextVectors } from './embedder.ts';
import { joinFeatures } from './features.ts';

/** How long the parts of a text's features are. */
export interface FeatureFormat {
  readonly dimensions: number;
  readonly featureDimensions: number;
}

const largestByte = 127;
const aboveZero = 128;

/**
 * Features as a byte a component. Unit vectors need no scale: the largest component of each part becomes 127. Throws
 * RangeError when a part has no direction.
 */
export function quantiseFeatures(
  features: Float32Array,
  { dimensions }: Pick<FeatureFormat, 'dimensions'>,
): Int8Array {
  const bytes = new Int8Array(features.length);
  for (let start = 0; start < features.length; start += dimensions) {
    const end = Math.min(start + dimensions, features.length);
    let largest = 0;
    for (let i = start; i < end; i += 1)
      largest = Math.max(largest, Math.abs(features[i] as number));
    if (!(largest > 0)) throw new RangeError('A view of the text has no direction.');
    for (let i = start; i < end; i += 1) {
      const scaled = ((features[i] as number) * largestByte) / largest;
      // What Math.round does, sooner: above zero, to cut is to round down.
      bytes[i] = ((scaled + aboveZero + 0.5) | 0) - aboveZero;
    }
  }
  return bytes;
}

/** What the bytes stand for; the cosine to what they were made of is above .999. */
export function restoreFeatures(
  bytes: Int8Array,
  { dimensions }: Pick<FeatureFormat, 'dimensions'>,
): TextVectors {
  const vector = toUnitVector(bytes.subarray(0, dimensions));
  const middle = bytes.subarray(dimensions);
  const features = joinFeatures(vector, middle.length > 0 ? toUnitVector(middle) : undefined);
  return { vector, features };
}

// Plain loops: a set of examples has millions of components.
function toUnitVector(bytes: Int8Array): Float32Array {
  let squares = 0;
  for (let i = 0; i < bytes.length; i += 1) squares += (bytes[i] as number) ** 2;
  const scale = 1 / Math.sqrt(squares);
  const vector = new Float32Array(bytes.length);
  for (let i = 0; i < bytes.length; i += 1) vector[i] = (bytes[i] as number) * scale;
  return vector;
}
