import { describe, expect, it } from 'vitest';
import { quantiseFeatures, restoreFeatures } from '../../src/embedding/quantised-features.ts';
import { createRandom } from '../../src/random.ts';

describe('features as a byte a component', () => {
  it('are rounded to the nearest, halves upwards, with 127 for the largest of each part', () => {
    const features = Float32Array.of(127, 2.5, -2.5, -0.4, 0.25, -0.5, 0.125, 0);
    expect([...quantiseFeatures(features, { dimensions: 4 })]).toEqual([
      ...[127, 3, -2, 0],
      ...[64, -127, 32, 0],
    ]);
  });

  it('come back in the same direction', () => {
    const random = createRandom(1);
    const features = Float32Array.from({ length: 384 }, () => random() - 0.5);
    const bytes = quantiseFeatures(features, { dimensions: 384 });
    const { vector } = restoreFeatures(bytes, { dimensions: 384 });
    const dot = features.reduce((sum, value, index) => sum + value * (vector[index] ?? 0), 0);
    expect(dot / Math.hypot(...features)).toBeGreaterThan(0.999);
  });

  it('are refused where a part has no direction', () => {
    expect(() => quantiseFeatures(new Float32Array(4), { dimensions: 4 })).toThrow(RangeError);
  });
});
