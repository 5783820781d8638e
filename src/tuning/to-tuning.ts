import type { FeatureScales } from '../classifier/linear-head.ts';
import { calibrationOf } from '../evaluation/calibration.ts';
import type { Evidence } from './gather-evidence.ts';
import { type ChosenMixture, type Mixture, mix } from './mixture.ts';
import { chooseOutOfScope, chooseThresholds, type HeldOutDecision } from './thresholds.ts';
import type { Tuning } from './tuning.ts';

export interface TuningParts extends ChosenMixture {
  /** Of prompts that the classifier had not seen. */
  readonly evidence: readonly Evidence[];
  readonly scales: FeatureScales;
  readonly classNames: readonly string[];
  readonly inputs: { readonly length: number };
  readonly options: Pick<
    Tuning,
    'encoderHash' | 'exampleSetHash' | 'targetPrecision' | 'outOfScopeShare'
  >;
}

/** Adds to what was chosen the thresholds that it needs, and what can be expected of it. */
export function toTuning(parts: TuningParts): Tuning {
  const { mixture, logLoss, evidence, scales, classNames, inputs, options } = parts;
  const { encoderHash, exampleSetHash, targetPrecision, outOfScopeShare } = options;
  const decisions = evidence.map((each) => toDecision(each, mixture, classNames));
  const { ece } = calibrationOf(decisions);
  const right = decisions.filter(({ isRight }) => isRight).length;
  return {
    formatVersion: 1,
    encoderHash,
    exampleSetHash,
    examples: inputs.length,
    targetPrecision,
    outOfScopeShare,
    denseScale: scales.dense,
    sparseScale: scales.sparse,
    ...mixture,
    thresholds: chooseThresholds(decisions, classNames, targetPrecision),
    outOfScopeBelow: chooseOutOfScope(decisions, outOfScopeShare),
    estimate: { accuracy: right / decisions.length, logLoss, ece: ece ?? 0 },
  };
}

function toDecision(
  evidence: Evidence,
  mixture: Mixture,
  classNames: readonly string[],
): HeldOutDecision {
  const posterior = mix(evidence, mixture);
  const confidence = Math.max(...posterior);
  const label = posterior.indexOf(confidence);
  return {
    className: classNames[label] ?? '',
    confidence,
    isRight: label === evidence.label,
    similarity: evidence.voters[0]?.similarity ?? 0,
  };
}
