import { toAskedText } from './asked-text.ts';
import { visitFeatures } from './sparse-features.ts';
import { viewsOfAsked } from './views.ts';

/** How much each sparse feature speaks in a text, by its id. */
export type SparseIds = ReadonlyMap<number, number>;

/** No feature of a text begins with it. */
const ofReply = '<';

/** The sparse features of what the model said before a text; none of them is one of a text. */
export function toReplyIds(reply: string): SparseIds {
  const asked = toAskedText(reply);
  return idsOfAsked(asked, viewsOfAsked(asked), ofReply);
}

/** The sparse features of a text without its words. */
export function toSparseIds(text: string): SparseIds {
  const asked = toAskedText(text);
  return idsOfAsked(asked, viewsOfAsked(asked));
}

/** The same of a text without what changes nothing, and its views. */
export function idsOfAsked(asked: string, views: readonly string[], prefix = ''): SparseIds {
  const ids = new Map<number, number>();
  const start = hashOn(offsetBasis, prefix);
  visitFeatures(asked, views, (kind, first, second, weight) => {
    const opened = hashOn(hashOn(start, kind), first);
    const id = second === '' ? opened : hashOn(hashOn(opened, ' '), second);
    ids.set(id, (ids.get(id) ?? 0) + weight);
  });
  return ids;
}

const offsetBasis = 0x811c9dc5 | 0;

/** FNV-1a of 32 bits, signed so that V8 allocates none of them. Of fifty thousand features about one shares its id with another. */
export function featureId(feature: string): number {
  return hashOn(offsetBasis, feature);
}

function hashOn(before: number, text: string): number {
  let hash = before;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash;
}
