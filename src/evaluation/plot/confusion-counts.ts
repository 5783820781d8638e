import type { Metrics } from '../metrics.ts';

interface ConfusionRow {
  readonly className: string;
  /** Lines of this class. */
  readonly support: number;
  /** How many of them were taken for each class of `classNames`. */
  readonly counts: readonly number[];
  /** And for classes that are not shown. */
  readonly elsewhere: number;
}

export interface ConfusionCounts {
  /** The classes shown, by name. */
  readonly classNames: readonly string[];
  readonly rows: readonly ConfusionRow[];
  /** All classes, shown or not. */
  readonly classCount: number;
}

/** The matrix of counts, of the classes with the most mistakes (missed or wrongly given) where there are too many. */
export function confusionCounts(
  { classes, confusion }: Pick<Metrics, 'classes' | 'confusion'>,
  maxClasses: number,
): ConfusionCounts {
  const mistakes = new Map<string, number>();
  const counts = new Map<string, number>();
  for (const { trueClass, predicted, count } of confusion) {
    mistakes.set(trueClass, (mistakes.get(trueClass) ?? 0) + count);
    mistakes.set(predicted, (mistakes.get(predicted) ?? 0) + count);
    counts.set(keyOf(trueClass, predicted), count);
  }
  for (const { className, support, recall } of classes) {
    counts.set(keyOf(className, className), Math.round(support * (recall ?? 0)));
  }

  const mistakesOf = (className: string) => mistakes.get(className) ?? 0;
  const worst = classes
    .toSorted((a, b) => mistakesOf(b.className) - mistakesOf(a.className))
    .slice(0, maxClasses);
  const shown = classes.filter((each) => worst.includes(each));
  const classNames = shown.map(({ className }) => className);
  const rows = shown.map(({ className, support }): ConfusionRow => {
    const row = classNames.map((predicted) => counts.get(keyOf(className, predicted)) ?? 0);
    const listed = row.reduce((sum, count) => sum + count, 0);
    return { className, support, counts: row, elsewhere: support - listed };
  });
  return { classNames, rows, classCount: classes.length };
}

function keyOf(trueClass: string, predicted: string): string {
  return JSON.stringify([trueClass, predicted]);
}
