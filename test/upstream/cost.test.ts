import { describe, expect, it } from 'vitest';
import { costUsdOf } from '../../src/upstream/cost.ts';

const usage = {
  inputTokens: 1_000_000,
  cachedInputTokens: 2_000_000,
  cacheWriteTokens: 1_000_000,
  outputTokens: 500_000,
  reasoningTokens: 400_000,
};

describe('the cost of a call', () => {
  it('counts every token once, at its own price', () => {
    const prices = { input: 3, output: 15, cachedInput: 0.3, cacheWrite: 3.75 };
    expect(costUsdOf(usage, prices)).toBeCloseTo(3 + 0.6 + 3.75 + 7.5, 10);
  });

  it('takes the price of the input where the cache has none', () => {
    expect(costUsdOf(usage, { input: 3, output: 15 })).toBeCloseTo(12 + 7.5, 10);
  });

  it('is unknown, not zero, without prices or usage', () => {
    expect(costUsdOf(usage, undefined)).toBeUndefined();
    expect(costUsdOf(undefined, { input: 3, output: 15 })).toBeUndefined();
    expect(costUsdOf(usage, { input: 0, output: 0 })).toBe(0);
  });
});
