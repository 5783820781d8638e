import type { FeatureScales } from '../classifier/linear-head.ts';
import { calibrationOf } from '../evaluation/calibration.ts';
import { chooseSureFrom } from './choose-sure-from.ts';
import type { Evidence } from './gather-evidence.ts';
import { type ChosenMixture, type Mixture, mix } from './mixture.ts';
import { chooseOutOfScope, chooseThresholds, type HeldOutDecision } from './thresholds.ts';
import type { Tuning } from './tuning.ts';

/** What was chosen for a tier. */
export interface TunedTier extends ChosenMixture {
  /** Of prompts that the classifier had not seen. */
  readonly evidence: readonly Evidence[];
  readonly scales: FeatureScales;
}

interface TunedFirstTier extends TunedTier {
  readonly encoderHash: string;
  /** Of each piece of evidence: whether it would be asked about such a prompt. */
  readonly isAsked: readonly boolean[];
}

export interface TuningParts extends TunedTier {
  /** Its evidence is of the same prompts in the same order. */
  readonly first?: TunedFirstTier;
  readonly classNames: readonly string[];
  readonly inputs: { readonly length: number };
  readonly options: Pick<
    Tuning,
    'encoderHash' | 'exampleSetHash' | 'targetPrecision' | 'outOfScopeShare'
  >;
}

/** Adds to what was chosen the thresholds that it needs, and what can be expected of it. */
export function toTuning(parts: TuningParts): Tuning {
  const { mixture, logLoss, evidence, scales, classNames, inputs, options, first } = parts;
  const { encoderHash, exampleSetHash, targetPrecision, outOfScopeShare } = options;
  const decisions = evidence.map((each) => toDecision(each, mixture, classNames));
  const { ece } = calibrationOf(decisions);
  const right = decisions.filter(({ isRight }) => isRight).length;
  const thresholds = chooseThresholds(decisions, classNames, targetPrecision);
  return {
    formatVersion: 2,
    encoderHash,
    exampleSetHash,
    examples: inputs.length,
    targetPrecision,
    outOfScopeShare,
    denseScale: scales.dense,
    sparseScale: scales.sparse,
    ...mixture,
    thresholds,
    outOfScopeBelow: chooseOutOfScope(decisions, outOfScopeShare),
    estimate: { accuracy: right / decisions.length, logLoss, ece: ece ?? 0 },
    firstTier:
      first === undefined ? null : toFirstTier(first, { decisions, thresholds, classNames }),
  };
}

function toFirstTier(
  { encoderHash, scales, mixture, evidence, isAsked }: TunedFirstTier,
  last: {
    readonly decisions: readonly HeldOutDecision[];
    readonly thresholds: Tuning['thresholds'];
    readonly classNames: readonly string[];
  },
): NonNullable<Tuning['firstTier']> {
  const pairs = evidence.flatMap((each, position) => {
    const decision = last.decisions[position];
    if (decision === undefined || isAsked[position] !== true) return [];
    return [{ first: toDecision(each, mixture, last.classNames), last: decision }];
  });
  const { sureFrom, share, accuracy } = chooseSureFrom(pairs, last.thresholds);
  return {
    encoderHash,
    denseScale: scales.dense,
    sparseScale: scales.sparse,
    temperature: mixture.temperature,
    sureFrom,
    estimate: { share, accuracy },
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
