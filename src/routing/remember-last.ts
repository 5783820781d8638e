import { LRUCache } from 'lru-cache';

const maxBytes = 16 * 1024 * 1024;
/** An outcome's neighbours, probabilities and features, roughly. The texts that it is of come on top, twice: in its key as well. */
const outcomeBytes = 12 * 1024;

/** Outcomes by what they are of, the latest ones. */
export interface Remembered<Outcome> {
  /** The outcome for the same texts under the same basis, if it is remembered. */
  known(texts: readonly string[], basis: unknown): Outcome | undefined;
  /** The same, else what `make` gives. */
  recall(texts: readonly string[], basis: unknown, make: () => Outcome): Outcome;
}

/**
 * Prompts are repeated, and every step of an agent brings the same ask. An outcome holds as long as its basis, which is
 * compared by identity.
 */
export function rememberLast<Outcome extends object>(): Remembered<Outcome> {
  const remembered = new LRUCache<string, { readonly basis: unknown; readonly outcome: Outcome }>({
    maxSize: maxBytes,
  });
  const find = (key: string, basis: unknown): Outcome | undefined => {
    const last = remembered.get(key);
    return last?.basis === basis ? last?.outcome : undefined;
  };
  return {
    known: (texts, basis) => find(keyOf(texts), basis),
    recall(texts, basis, make) {
      const key = keyOf(texts);
      const known = find(key, basis);
      if (known !== undefined) return known;
      const outcome = make();
      remembered.set(key, { basis, outcome }, { size: sizeOf(texts) });
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
