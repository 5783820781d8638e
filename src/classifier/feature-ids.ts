import { toSparseFeatures } from './sparse-features.ts';

/** How much each sparse feature speaks in a text, by its id. */
export type SparseIds = ReadonlyMap<number, number>;

/** The sparse features of a text without its words. */
export function toSparseIds(text: string): SparseIds {
  return new Map([...toSparseFeatures(text)].map(([feature, weight]) => [idOf(feature), weight]));
}

const known = new WeakMap<ReadonlyMap<string, number>, ReadonlyMap<number, number>>();

/** The column of each id in a vocabulary. */
export function columnsById(vocabulary: ReadonlyMap<string, number>): ReadonlyMap<number, number> {
  const found = known.get(vocabulary);
  if (found !== undefined) return found;
  const columns = new Map([...vocabulary].map(([feature, column]) => [idOf(feature), column]));
  known.set(vocabulary, columns);
  return columns;
}

/** FNV-1a of 32 bits: of fifty thousand features about one shares its id with another. */
function idOf(feature: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < feature.length; index += 1) {
    hash = Math.imul(hash ^ feature.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
}
