import { LRUCache } from 'lru-cache';
import type { Clock } from '../clock.ts';

/**
 * What the replicas of a router share. A request only ever looks at the local copy and never waits; what is put travels
 * behind its back. In one process the local copy is all there is.
 */
export interface SharedState<Value extends object> {
  /** The local copy; undefined when nobody put anything, or it is too old. */
  peek(key: string): Value | undefined;
  put(key: string, value: Value): void;
}

/** At most so many values, the least recently used go first, each for at most so long. */
export function createLocalState<Value extends object>(options: {
  readonly maxEntries: number;
  readonly ttlMs: number;
  readonly clock: Clock;
}): SharedState<Value> {
  const { maxEntries, ttlMs, clock } = options;
  const cache = new LRUCache<string, Value>({
    max: maxEntries,
    ttl: ttlMs,
    // Our clock, looked at each time: no timer of the library's own.
    perf: clock,
    ttlResolution: 0,
  });
  return {
    peek: (key) => cache.get(key),
    put: (key, value) => void cache.set(key, value),
  };
}
