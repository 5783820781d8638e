import { LRUCache } from 'lru-cache';

const maxBytes = 16 * 1024 * 1024;
/** An outcome's neighbours, probabilities and features, roughly. The texts that it is of come on top, twice: in its key as well. */
const outcomeBytes = 8 * 1024;

/** Outcomes by what they are of, the latest ones. */
export interface Remembered<Outcome> {
  /** The outcome for the same texts under the same basis, else what `find` gives. */
  recall(texts: readonly string[], basis: unknown, find: () => Outcome): Outcome;
}

/**
 * Prompts are repeated, and every step of an agent brings the same ask. An outcome holds as long as its basis, which is
 * compared by identity.
 */
export function rememberLast<Outcome extends object>(): Remembered<Outcome> {
  const known = new LRUCache<string, { readonly basis: unknown; readonly outcome: Outcome }>({
    maxSize: maxBytes,
  });
  return {
    recall(texts, basis, find) {
      const key = keyOf(texts);
      const last = known.get(key);
      if (last !== undefined && last.basis === basis) return last.outcome;
      const outcome = find();
      known.set(key, { basis, outcome }, { size: sizeOf(texts) });
      return outcome;
    },
  };
}

/** Each has its length before it, so that no two lists look alike. A digest would be shorter, but takes longer to make. */
function keyOf(texts: readonly string[]): string {
  return texts.map((text) => `${text.length}:${text}`).join('');
}

/** In bytes, of which a character takes up to two. */
function sizeOf(texts: readonly string[]): number {
  return texts.reduce((sum, text) => sum + 2 * 2 * text.length, outcomeBytes);
}
