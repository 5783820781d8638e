import type { LabelledInput, TrainingSettings } from '../../src/classifier/train-head.ts';
import { createRandom } from '../../src/random.ts';

export const dimensions = 8;

export const settings: TrainingSettings = {
  scales: { dense: 2, sparse: 3 },
  epochs: 10,
  seed: 1,
};

/**
 * That many texts of every class. The vectors of a class lie around an axis of their own, and half of the words
 * are its own; `noise` is how far the vectors stray.
 */
export function toyInputs(
  counts: Readonly<Record<string, number>>,
  { noise = 0.5, seed = 1 } = {},
): LabelledInput[] {
  const random = createRandom(seed);
  const draw = (words: string): string => `${words}${'abcde'[Math.floor(random() * 5)]}`;
  return Object.entries(counts).flatMap(([className, count], axis) =>
    Array.from({ length: count }, () => ({
      className,
      text: [draw('shared'), draw(className), draw('shared'), draw(className)].join(' '),
      vectors: [strayFrom(axis, noise, random)],
    })),
  );
}

/** A unit vector near one axis. */
function strayFrom(axis: number, noise: number, random: () => number): Float32Array {
  const vector = Float32Array.from(
    { length: dimensions },
    (_, position) => Number(position === axis) + noise * (2 * random() - 1),
  );
  const length = Math.hypot(...vector);
  return vector.map((value) => value / length);
}
