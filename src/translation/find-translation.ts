import type { Protocol } from '../protocol.ts';
import type { Translation } from './translation.ts';

/** Finds the way from what a client speaks to what a provider speaks; undefined when there is none. */
export function createFindTranslation(_context: {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}): (client: Protocol, provider: Protocol) => Translation | undefined {
  return () => undefined;
}
