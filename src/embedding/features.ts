/** What the classifier's head reads of a text: both unit vectors, scaled so that the whole has unit length again. */
export function joinFeatures(vector: Float32Array, middle: Float32Array | undefined): Float32Array {
  if (middle === undefined) return vector;
  const features = new Float32Array(vector.length + middle.length);
  for (let i = 0; i < vector.length; i += 1) {
    features[i] = (vector[i] as number) * Math.SQRT1_2;
    features[vector.length + i] = (middle[i] as number) * Math.SQRT1_2;
  }
  return features;
}
