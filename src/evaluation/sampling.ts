import { type Random, shuffle } from '../random.ts';

/** Draws `shots` items of every class without replacement, all of a class that has fewer; class by class. */
export function drawShots<Item extends { readonly className: string }>(
  items: readonly Item[],
  shots: number,
  random: Random,
): Item[] {
  return groupBy(items, (item) => item.className).flatMap((members) =>
    shuffle(members, random).slice(0, shots),
  );
}

interface Fold {
  readonly indexes: number[];
  readonly classCounts: Map<string, number>;
}

/**
 * Splits items into `foldCount` folds, each a list of indexes into `items`. Items with the same `group` share a fold,
 * and every class is spread as evenly as that allows; with fewer groups than folds some folds are empty.
 * Throws a RangeError for fewer than two folds.
 */
export function groupedFolds(
  items: readonly { readonly className: string; readonly group: number | string }[],
  foldCount: number,
  random: Random,
): number[][] {
  if (!Number.isInteger(foldCount) || foldCount < 2) {
    throw new RangeError(`Cross-validation needs two folds or more, not ${foldCount}.`);
  }
  const folds = Array.from(
    { length: foldCount },
    (): Fold => ({
      indexes: [],
      classCounts: new Map(),
    }),
  );
  const entries = items.map((item, index) => ({ ...item, index }));
  const groups = shuffle(
    groupBy(entries, (entry) => entry.group),
    random,
  );
  // Large groups first: the small ones that follow can still even out what they did.
  for (const group of groups.toSorted((a, b) => b.length - a.length)) {
    const fold = leastBurdened(folds, group);
    for (const { className, index } of group) {
      fold.indexes.push(index);
      fold.classCounts.set(className, (fold.classCounts.get(className) ?? 0) + 1);
    }
  }
  return folds.map((fold) => fold.indexes.sort((a, b) => a - b));
}

/** The fold with the fewest items of the group's classes; among equals the smallest. */
function leastBurdened(folds: readonly Fold[], group: readonly { className: string }[]): Fold {
  const weighed = folds.map((fold) => ({
    fold,
    burden: group.reduce((sum, { className }) => sum + (fold.classCounts.get(className) ?? 0), 0),
    size: fold.indexes.length,
  }));
  return weighed.reduce((best, other) =>
    (other.burden - best.burden || other.size - best.size) < 0 ? other : best,
  ).fold;
}

function groupBy<Item, Key>(items: readonly Item[], keyOf: (item: Item) => Key): Item[][] {
  const groups = new Map<Key, Item[]>();
  for (const item of items) {
    const members = groups.get(keyOf(item));
    if (members === undefined) groups.set(keyOf(item), [item]);
    else members.push(item);
  }
  return [...groups.values()];
}
