export interface ReliabilityBin {
  /** Confidences above `from` and up to `to`; the first bin takes 0 as well. */
  readonly from: number;
  readonly to: number;
  readonly count: number;
  readonly meanConfidence: number | null;
  readonly accuracy: number | null;
}

interface Calibration {
  readonly ece: number | null;
  readonly reliability: readonly ReliabilityBin[];
}

const binCount = 15;
/** A softmax in float32 may add up to a little more than 1. */
const rounding = 1e-6;

/**
 * Top-label calibration over 15 bins of equal width (Guo et al. 2017, arXiv:1706.04599):
 * ECE = Σ over bins of (count / total) × |accuracy − mean confidence|. Null without judgements; a confidence outside
 * [0, 1] is a RangeError.
 */
export function calibrationOf(
  judgements: readonly { readonly confidence: number; readonly isRight: boolean }[],
): Calibration {
  const sums = Array.from({ length: binCount }, () => ({ count: 0, confidence: 0, right: 0 }));
  for (const { confidence, isRight } of judgements) {
    if (!(confidence >= 0 && confidence <= 1 + rounding)) {
      throw new RangeError(`A confidence of ${confidence} is not a probability.`);
    }
    const probability = Math.min(confidence, 1);
    const bin = sums[Math.max(Math.ceil(probability * binCount) - 1, 0)] as (typeof sums)[0];
    bin.count += 1;
    bin.confidence += probability;
    bin.right += isRight ? 1 : 0;
  }
  const gaps = sums.map(({ confidence, right }) => Math.abs(right - confidence));
  const total = judgements.length;
  return {
    ece: total === 0 ? null : gaps.reduce((sum, gap) => sum + gap, 0) / total,
    reliability: sums.map(({ count, confidence, right }, index) => ({
      from: index / binCount,
      to: (index + 1) / binCount,
      count,
      meanConfidence: count === 0 ? null : confidence / count,
      accuracy: count === 0 ? null : right / count,
    })),
  };
}
