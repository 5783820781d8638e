export interface RiskCoveragePoint {
  /** Share of the lines that are answered. */
  readonly coverage: number;
  /** Share of the answered lines that are wrong. */
  readonly risk: number;
  /** Lines from this confidence up are answered. */
  readonly confidence: number;
}

interface RiskCoverage {
  readonly aurc: number | null;
  readonly riskCoverage: readonly RiskCoveragePoint[];
}

const maxPoints = 100;

/**
 * How many mistakes are left when only the most confident lines are answered (El-Yaniv & Wiener 2010): one point per
 * distinct confidence, the highest first, evenly thinned to a hundred. The area under the curve is the mean, over all
 * lines, of the risk of answering from that line's confidence up (Geifman, Uziel & El-Yaniv 2019, arXiv:1805.08206),
 * taken before the thinning; null without judgements.
 */
export function riskCoverageOf(
  judgements: readonly { readonly confidence: number; readonly isRight: boolean }[],
): RiskCoverage {
  const total = judgements.length;
  const descending = judgements.toSorted((a, b) => b.confidence - a.confidence);
  const points: RiskCoveragePoint[] = [];
  let wrong = 0;
  let area = 0;
  let answeredBefore = 0;
  for (const [position, { confidence, isRight }] of descending.entries()) {
    if (!isRight) wrong += 1;
    // No threshold separates equal confidences.
    if (descending[position + 1]?.confidence === confidence) continue;
    const answered = position + 1;
    const risk = wrong / answered;
    points.push({ coverage: answered / total, risk, confidence });
    area += (answered - answeredBefore) * risk;
    answeredBefore = answered;
  }
  return { aurc: total === 0 ? null : area / total, riskCoverage: thin(points) };
}

/** Keeps the first point, the last and evenly many between. */
function thin(points: readonly RiskCoveragePoint[]): readonly RiskCoveragePoint[] {
  if (points.length <= maxPoints) return points;
  const step = (points.length - 1) / (maxPoints - 1);
  return Array.from({ length: maxPoints }, (_, index) => points[Math.round(index * step)]).filter(
    (point) => point !== undefined,
  );
}
