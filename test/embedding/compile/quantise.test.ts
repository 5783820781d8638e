import { describe, expect, it } from 'vitest';
import { quantiseRows, transposeInto } from '../../../src/embedding/compile/quantise.ts';

describe('quantiseRows', () => {
  it('gives each row its own scale and uses the whole range in both directions', () => {
    const values = Float32Array.of(1, -2, 0.5, 0.001, 0.0005, -0.001);
    const quantised = quantiseRows({ shape: [2, 3], values });
    expect([...quantised.values]).toEqual([64, -127, 32, 127, 64, -127]);
    expect(quantised.scales[0]).toBeCloseTo(2 / 127, 9);
    expect(quantised.scales[1]).toBeCloseTo(0.001 / 127, 9);
  });

  it('keeps every value within half a step', () => {
    const values = Float32Array.from({ length: 400 }, (_, index) => Math.sin(index * 12.9898));
    const quantised = quantiseRows({ shape: [4, 100], values });
    for (const [index, value] of values.entries()) {
      const scale = quantised.scales[Math.floor(index / 100)] ?? 0;
      const restored = (quantised.values[index] ?? 0) * scale;
      expect(Math.abs(restored - value)).toBeLessThanOrEqual(scale * 0.5001);
    }
  });

  it('keeps a row of zeros', () => {
    const { values, scales } = quantiseRows({ shape: [1, 2], values: new Float32Array(2) });
    expect([...values, ...scales]).toEqual([0, 0, 0]);
  });
});

describe('transposeInto', () => {
  it('swaps rows and columns', () => {
    const source = Int8Array.of(1, 2, 3, 4, 5, 6);
    expect([...transposeInto(new Int8Array(6), source, 3)]).toEqual([1, 4, 2, 5, 3, 6]);
  });
});
