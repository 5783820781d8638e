import type { Prices } from '../config/prices.ts';
import type { Usage } from './usage.ts';

const million = 1_000_000;

/**
 * What a call cost in US dollars; undefined when the prices or the usage are unknown, which is not the same as nothing.
 * Without a price of their own, tokens read from a cache or written to one cost what others do.
 */
export function costUsdOf(
  usage: Usage | undefined,
  prices: Prices | undefined,
): number | undefined {
  if (usage === undefined || prices === undefined) return undefined;
  const { input, output, cachedInput = input, cacheWrite = input } = prices;
  const sum =
    usage.inputTokens * input +
    usage.cachedInputTokens * cachedInput +
    usage.cacheWriteTokens * cacheWrite +
    usage.outputTokens * output;
  return sum / million;
}
