import type { HeldOutDecision } from './thresholds.ts';

/** What both tiers say of a prompt that neither has seen. */
export interface PairedDecision {
  readonly first: HeldOutDecision;
  readonly last: HeldOutDecision;
}

export interface SureFrom {
  /** Confidence of the first tier. */
  readonly sureFrom: number;
  /** What it then decides of all. */
  readonly share: number;
  /** How often that is right; null where it decides nothing. */
  readonly accuracy: number | null;
}

/** Of all prompts; how much worse both tiers together may be than the last one alone. */
const tolerance = 0.002;
const lowest = 0.5;
const step = 0.01;

/**
 * The lowest confidence from which on the first tier may decide: with what it gets wrong and the last tier right, less
 * what it gets right and the last one wrong, at most .2 points of accuracy are lost, a standard error to spare. Nor may
 * they be at any higher confidence. Above 1, so that it never decides, where there is none.
 */
export function chooseSureFrom(
  pairs: readonly PairedDecision[],
  thresholds: Readonly<Record<string, number>>,
): SureFrom {
  const decidedFrom = (confidence: number): PairedDecision[] =>
    pairs.filter(({ first }) => isSure(first, confidence, thresholds));
  const steps = Math.round((1 - lowest) / step);
  const confidences = Array.from({ length: steps }, (_, i) =>
    Number((1 - (i + 1) * step).toFixed(2)),
  );
  const firstBad = confidences.findIndex(
    (confidence) => lossOf(decidedFrom(confidence)) > tolerance * pairs.length,
  );
  const good = firstBad === -1 ? confidences : confidences.slice(0, firstBad);
  const sureFrom = good.at(-1) ?? 1.01;
  const decided = decidedFrom(sureFrom);
  const right = decided.filter(({ first }) => first.isRight).length;
  return {
    sureFrom,
    share: pairs.length === 0 ? 0 : decided.length / pairs.length,
    accuracy: decided.length === 0 ? null : right / decided.length,
  };
}

/** It never decides below what its class asks for, either. */
function isSure(
  { className, confidence }: HeldOutDecision,
  sureFrom: number,
  thresholds: Readonly<Record<string, number>>,
): boolean {
  return confidence >= Math.max(sureFrom, thresholds[className] ?? 0);
}

/** In prompts, a standard error added: where the tiers differ they do so as a coin falls, whose spread is the root. */
function lossOf(decided: readonly PairedDecision[]): number {
  const lost = decided.filter(({ first, last }) => !first.isRight && last.isRight).length;
  const won = decided.filter(({ first, last }) => first.isRight && !last.isRight).length;
  return lost - won + Math.sqrt(lost + won);
}
