import { LRUCache } from 'lru-cache';

/** What an outcome takes beside its key, roughly: neighbours, probabilities, features. */
const outcomeBytes = 8 * 1024;
/** About two thousand outcomes. */
const mostBytes = 16 * 1024 * 1024;
/** A longer key is not worth its place. */
const longestKeyBytes = 128 * 1024;

/** Outcomes by what they are of, the latest ones. */
export interface Remembered<Outcome> {
  /** The outcome for the same texts under the same basis, else what `find` gives. */
  recall(texts: readonly string[], basis: unknown, find: () => Outcome): Outcome;
}

/**
 * Prompts are repeated, and every step of an agent brings the same ask. An outcome holds as long as its basis, which is
 * compared by identity; the outcomes of an older one are found no more.
 */
export function rememberLast<Outcome extends object>(): Remembered<Outcome> {
  const known = new LRUCache<string, { readonly basis: unknown; readonly outcome: Outcome }>({
    maxSize: mostBytes,
    maxEntrySize: longestKeyBytes,
    sizeCalculation: (_, key) => 2 * key.length + outcomeBytes,
  });
  return {
    recall(texts, basis, find) {
      const key = JSON.stringify(texts);
      const last = known.get(key);
      if (last !== undefined && last.basis === basis) return last.outcome;
      const outcome = find();
      known.set(key, { basis, outcome });
      return outcome;
    },
  };
}
