import { randomUUID } from 'node:crypto';

/**
 * An id that nothing else has, for a decision at `nowMs`, which is milliseconds since the epoch: a UUID of version 7 (RFC
 * 9562, section 5.7). Since it begins with the time, an index of ids grows at its end, whose pages are at hand, and not
 * everywhere.
 */
export function drawDecisionId(nowMs: number): string {
  const time = Math.floor(nowMs).toString(16).padStart(12, '0');
  const random = randomUUID();
  return `dec_${time.slice(0, 8)}-${time.slice(8)}-7${random.slice(15)}`;
}
