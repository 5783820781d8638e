import { createRandom } from '../../src/random.ts';

/** The vector along one axis, or halfway between two. */
export function along(dimensions: number, ...axes: readonly number[]): Float32Array {
  const vector = new Float32Array(dimensions);
  for (const axis of axes) vector[axis] = 1 / Math.sqrt(axes.length);
  return vector;
}

/** Unit vectors that lie around random centres, as those of real texts do. */
export function clusteredVectors({
  count,
  dimensions,
  clusters,
  seed,
}: {
  readonly count: number;
  readonly dimensions: number;
  readonly clusters: number;
  readonly seed: number;
}): Float32Array[] {
  const random = createRandom(seed);
  const gaussian = (): number =>
    Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const draw = (): Float32Array => Float32Array.from({ length: dimensions }, gaussian);
  const centres = Array.from({ length: clusters }, draw);
  return Array.from({ length: count }, (_, position) => {
    const centre = centres[position % clusters] ?? draw();
    const vector = draw().map((value, axis) => value * 0.7 + (centre[axis] ?? 0));
    const length = Math.hypot(...vector);
    return vector.map((value) => value / length);
  });
}
