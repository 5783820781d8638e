import { dotAt } from '../classifier/linear-head.ts';
import { normaliseText } from '../normalise-text.ts';

interface EmbeddedText {
  readonly text: string;
  readonly vector: Float32Array;
}

/** So many leading dimensions decide most pairs. */
const headLength = 64;
/** More than float32 rounding can move a cosine, so that the bound never drops a pair it should not. */
const slack = 1e-5;

/**
 * A group key for every item, the same for items whose text is equal but for case, width and spacing, or whose vectors
 * have at least the given cosine; both relations carry over (a~b and b~c puts a with c). The key is the index of the
 * group's first item. Exact, over all pairs. Throws a RangeError when vectors differ in length.
 */
export function groupNearDuplicates(
  items: readonly EmbeddedText[],
  options: { minSimilarity?: number } = {},
): number[] {
  const { minSimilarity = 0.95 } = options;
  const groups = createGroups(items.length);
  const firstWithText = new Map<string, number>();
  for (const [index, { text }] of items.entries()) {
    const normalised = normaliseText(text);
    const first = firstWithText.get(normalised);
    if (first === undefined) firstWithText.set(normalised, index);
    else groups.join(first, index);
  }
  forEachSimilarPair(items, minSimilarity, groups.join);
  return items.map((_, index) => groups.find(index));
}

/**
 * A group key for every item: turns of one conversation belong together, and other items as in `groupNearDuplicates`. What
 * two conversations say alike ("yes, please") does not join them.
 */
export function groupRelated(
  items: readonly (EmbeddedText & { readonly conversation?: string })[],
  options: { minSimilarity?: number } = {},
): number[] {
  const firstOf = new Map<string, number>();
  const groups = items.map(({ conversation }, index) => {
    if (conversation === undefined) return undefined;
    const first = firstOf.get(conversation) ?? index;
    firstOf.set(conversation, first);
    return first;
  });
  const single = [...items.keys()].filter((index) => groups[index] === undefined);
  const keys = groupNearDuplicates(
    single.flatMap((index) => items[index] ?? []),
    options,
  );
  for (const [position, index] of single.entries()) groups[index] = single[keys[position] ?? 0];
  return groups.map((group, index) => group ?? index);
}

/** Disjoint sets whose root is always their smallest index. */
function createGroups(size: number) {
  const parents = Uint32Array.from({ length: size }, (_, index) => index);
  const find = (index: number): number => {
    let root = index;
    while (parents[root] !== root) root = parents[root] as number;
    parents[index] = root;
    return root;
  };
  const join = (a: number, b: number): void => {
    const [first, second] = [find(a), find(b)];
    parents[Math.max(first, second)] = Math.min(first, second);
  };
  return { find, join };
}

/**
 * By Cauchy-Schwarz the tails of two vectors add at most the product of their lengths to the dot product of the heads:
 * a pair that can't reach the threshold any more is settled after the first dimensions.
 */
function forEachSimilarPair(
  items: readonly EmbeddedText[],
  minSimilarity: number,
  visit: (a: number, b: number) => void,
): void {
  const rows = toUnitVectors(items);
  const heads = rows.map((row) => row.subarray(0, headLength));
  const tails = rows.map((row) => row.subarray(headLength));
  const tailLengths = tails.map((tail) => Math.sqrt(dotAt(tail, 0, tail)));
  for (const [a, head] of heads.entries()) {
    const tail = tails[a] as Float32Array;
    const tailLength = tailLengths[a] as number;
    for (let b = 0; b < a; b += 1) {
      const similarity = dotAt(head, 0, heads[b] as Float32Array);
      if (similarity + tailLength * (tailLengths[b] as number) < minSimilarity - slack) continue;
      if (similarity + dotAt(tail, 0, tails[b] as Float32Array) >= minSimilarity) visit(b, a);
    }
  }
}

/** A vector of zeros has no direction: it stays as it is, similar to nothing. */
function toUnitVectors(items: readonly EmbeddedText[]): Float32Array[] {
  const dimensions = items[0]?.vector.length;
  return items.map(({ vector }, index) => {
    if (vector.length !== dimensions) {
      throw new RangeError(
        `Vector ${index} has ${vector.length} dimensions, the first one ${dimensions}.`,
      );
    }
    const length = Math.sqrt(dotAt(vector, 0, vector));
    return length > 0 ? vector.map((value) => value / length) : vector;
  });
}
