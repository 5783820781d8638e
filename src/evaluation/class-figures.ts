export interface ClassFigures {
  readonly className: string;
  /** Null for a class that was never predicted. */
  readonly precision: number | null;
  /** Null for a class that no line belongs to. */
  readonly recall: number | null;
  readonly f1: number;
  readonly support: number;
}

export interface ConfusionPair {
  readonly trueClass: string;
  readonly predicted: string;
  readonly count: number;
}

interface Outcome {
  readonly trueClass: string;
  readonly predicted: string;
}

/**
 * Precision TP / (TP + FP), recall TP / (TP + FN) and F1 = 2 TP / (2 TP + FP + FN) of every class that is true or
 * predicted anywhere, by name.
 */
export function classFigures(outcomes: readonly Outcome[]): ClassFigures[] {
  const right = outcomes.filter(({ trueClass, predicted }) => trueClass === predicted);
  const hits = countBy(right, ({ trueClass }) => trueClass);
  const supports = countBy(outcomes, ({ trueClass }) => trueClass);
  const predictions = countBy(outcomes, ({ predicted }) => predicted);
  const names = [...new Set([...supports.keys(), ...predictions.keys()])].sort();
  return names.map((className) => {
    const hit = hits.get(className) ?? 0;
    const support = supports.get(className) ?? 0;
    const predicted = predictions.get(className) ?? 0;
    return {
      className,
      precision: predicted === 0 ? null : hit / predicted,
      recall: support === 0 ? null : hit / support,
      f1: (2 * hit) / (support + predicted),
      support,
    };
  });
}

/** Every wrong (true class, predicted class) with its count, the most frequent first, equals by name. */
export function confusionPairs(outcomes: readonly Outcome[]): ConfusionPair[] {
  const pairs = new Map<string, ConfusionPair>();
  for (const { trueClass, predicted } of outcomes) {
    if (trueClass === predicted) continue;
    const key = JSON.stringify([trueClass, predicted]);
    pairs.set(key, { trueClass, predicted, count: (pairs.get(key)?.count ?? 0) + 1 });
  }
  return [...pairs]
    .sort(([keyA, a], [keyB, b]) => b.count - a.count || (keyA < keyB ? -1 : 1))
    .map(([, pair]) => pair);
}

function countBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(keyOf(item), (counts.get(keyOf(item)) ?? 0) + 1);
  return counts;
}
