import type { Vocabulary } from './word-pieces.ts';

const reserved = /^\[unused\d+\]$/;

/**
 * The ids of the pieces that texts consist of, most frequent first: a vocabulary of this kind is sorted so, behind the
 * special pieces and the places that it keeps free.
 */
export function orderPieces({ ids, special }: Vocabulary): number[] {
  const notWords = new Set(special);
  return [...ids]
    .filter(([piece]) => !notWords.has(piece) && !reserved.test(piece))
    .map(([, id]) => id)
    .sort((a, b) => a - b);
}
