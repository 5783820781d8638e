import type { Random } from '../random.ts';

const firstMs = 250;
const longestMs = 4_000;

/**
 * How long to wait before the retry of this number, counted from 0: anything up to a limit that doubles each time, so
 * that clients that failed together do not come back together. (Brooker, "Exponential Backoff and Jitter", 2015: full jitter.)
 */
export function backoffMs(retry: number, random: Random): number {
  return random() * Math.min(firstMs * 2 ** retry, longestMs);
}
