/**
 * The probability that a random positive scores above a random negative, a tie counting half: the area under the ROC
 * curve as the Mann-Whitney statistic U / (positives × negatives) (Hanley & McNeil 1982). Null where a side is empty.
 */
export function auroc(positives: readonly number[], negatives: readonly number[]): number | null {
  if (positives.length === 0 || negatives.length === 0) return null;
  const ascending = Float64Array.from(negatives).sort();
  let wins = 0;
  for (const score of positives) {
    const below = countWhile(ascending, (negative) => negative < score);
    const notAbove = countWhile(ascending, (negative) => negative <= score);
    wins += (below + notAbove) / 2;
  }
  return wins / (positives.length * negatives.length);
}

/** How many values at the start satisfy a condition that no later value satisfies (binary search). */
function countWhile(ascending: Float64Array, holds: (value: number) => boolean): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(ascending[middle] as number)) low = middle + 1;
    else high = middle;
  }
  return low;
}
