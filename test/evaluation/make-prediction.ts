import type { Prediction } from '../../src/evaluation/metrics.ts';

/** A right and confident prediction of class `a`, but for what the test says. */
export function makePrediction(parts: Partial<Prediction> = {}): Prediction {
  const trueClass = parts.trueClass ?? 'a';
  const predicted = parts.predicted ?? trueClass;
  return {
    accepted: new Set([trueClass]),
    trueClass,
    isOutOfScope: false,
    predicted,
    confidence: 1,
    abstained: false,
    servedClass: predicted,
    inScopeScore: 1,
    latencyMs: 1,
    tier: 'transformer',
    predictedByLastTier: predicted,
    ...parts,
  };
}
