import { toSparseFeatures } from './sparse-features.ts';

/** How much each sparse feature speaks in a text, by its id. */
export type SparseIds = ReadonlyMap<number, number>;

/** No feature of a text begins with it. */
const ofReply = '<';

/** The sparse features of what the model said before a text; none of them is one of a text. */
export function toReplyIds(reply: string): SparseIds {
  return toIds(toSparseFeatures(reply), ofReply);
}

/** The sparse features of a text without its words. */
export function toSparseIds(text: string): SparseIds {
  return toIds(toSparseFeatures(text), '');
}

function toIds(features: ReadonlyMap<string, number>, prefix: string): SparseIds {
  const ids = new Map<number, number>();
  for (const [feature, weight] of features) ids.set(featureId(prefix + feature), weight);
  return ids;
}

/** FNV-1a of 32 bits, signed so that V8 allocates none of them. Of fifty thousand features about one shares its id with another. */
export function featureId(feature: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < feature.length; index += 1) {
    hash = Math.imul(hash ^ feature.charCodeAt(index), 0x01000193);
  }
  return hash | 0;
}
