/** What a mixture said about a prompt that it has not seen. */
export interface HeldOutDecision {
  /** The most likely class. */
  readonly className: string;
  readonly confidence: number;
  readonly isRight: boolean;
  /** Of the nearest example. */
  readonly similarity: number;
}

/** With fewer decisions a class has no precision of its own to speak of: that of all classes stands in. */
const leastDecisions = 20;

/**
 * For every class the lowest confidence from which on its decisions are right in at least `targetPrecision`. A class
 * that never gets there must be as confident as the target itself.
 */
export function chooseThresholds(
  decisions: readonly HeldOutDecision[],
  classNames: readonly string[],
  targetPrecision: number,
): Record<string, number> {
  const ofAll = lowestThreshold(decisions, targetPrecision);
  return Object.fromEntries(
    classNames.map((className) => {
      const own = decisions.filter((decision) => decision.className === className);
      const threshold = own.length < leastDecisions ? ofAll : lowestThreshold(own, targetPrecision);
      return [className, toStored(threshold)];
    }),
  );
}

function lowestThreshold(decisions: readonly HeldOutDecision[], targetPrecision: number): number {
  const descending = decisions.toSorted((a, b) => b.confidence - a.confidence);
  let right = 0;
  let threshold = targetPrecision;
  for (const [index, { confidence, isRight }] of descending.entries()) {
    right += Number(isRight);
    const isTied = descending[index + 1]?.confidence === confidence;
    if (!isTied && right / (index + 1) >= targetPrecision) threshold = confidence;
  }
  // All of them: nothing below has been seen to fail.
  return right >= decisions.length * targetPrecision && decisions.length > 0 ? 0 : threshold;
}

/** The score (confidence × similarity) that all but `share` of the decisions reach. */
export function chooseOutOfScope(decisions: readonly HeldOutDecision[], share: number): number {
  const scores = decisions.map(({ confidence, similarity }) => confidence * similarity);
  const ascending = scores.sort((a, b) => a - b);
  return toStored(Math.max(0, ascending[Math.floor(share * ascending.length)] ?? 0));
}

/** Rounded down, so that what lay on the threshold still reaches it. */
function toStored(threshold: number): number {
  return Math.floor(threshold * 1e4 + 1e-6) / 1e4;
}
