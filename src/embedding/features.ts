/** What the classifier's head reads of a text: both unit vectors, scaled so that the whole has unit length again. */
export function joinFeatures(vector: Float32Array, middle: Float32Array | undefined): Float32Array {
  if (middle === undefined) return vector;
  const features = new Float32Array(vector.length + middle.length);
  features.set(vector);
  features.set(middle, vector.length);
  return features.map((value) => value * Math.SQRT1_2);
}
