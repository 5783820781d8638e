import type { TierName } from '../routing/decision.ts';
import { auroc } from './auroc.ts';
import { calibrationOf, type ReliabilityBin } from './calibration.ts';
import {
  type ClassFigures,
  type ConfusionPair,
  classFigures,
  confusionPairs,
} from './class-figures.ts';
import { type ChangedPrediction, type FlipRate, flipsOf } from './flips.ts';
import { type RiskCoveragePoint, riskCoverageOf } from './risk-coverage.ts';
import { type FirstTierFigures, firstTierFiguresOf } from './tier-figures.ts';
import { type TurnFacts, type TurnFigures, turnFiguresOf } from './turn-figures.ts';

/** What a classifier said about one labelled prompt. */
export interface Prediction {
  /** Every class that counts as right, `trueClass` among them. */
  readonly accepted: ReadonlySet<string>;
  readonly trueClass: string;
  readonly isOutOfScope: boolean;
  /** The most probable class, before abstention. */
  readonly predicted: string;
  /** Its probability. */
  readonly confidence: number;
  readonly abstained: boolean;
  /** The class that serves: `predicted`, or the default class after abstention. */
  readonly servedClass: string;
  /** Large for prompts like the examples, small for prompts unlike them; any scale. */
  readonly inScopeScore: number;
  readonly latencyMs: number;
  /** Who decided; undefined where nothing was weighed. */
  readonly tier: TierName | undefined;
  /** The most probable class as the last tier has it. */
  readonly predictedByLastTier: string;
  /** What the same prompt was taken for with small changes, where that was tried. */
  readonly perturbed?: readonly ChangedPrediction[];
  /** Of a turn in a conversation whose turns are labelled. */
  readonly turn?: TurnFacts;
}

/** A figure is null where no line can tell it, never NaN. */
export type Figure = number | null;

export interface Metrics {
  readonly accuracy: Figure;
  readonly servedAccuracy: Figure;
  readonly coverage: Figure;
  readonly selectiveAccuracy: Figure;
  readonly macroF1: Figure;
  readonly ece: Figure;
  readonly aurc: Figure;
  readonly oosAuroc: Figure;
  readonly oosRecall: Figure;
  readonly abstentionRate: Figure;
  readonly flipRate: Figure;
  readonly decidedFlipRate: Figure;
  readonly latencyMs: { readonly p50: Figure; readonly p90: Figure; readonly p99: Figure };
  readonly n: number;
  readonly nOutOfScope: number;
  readonly classes: readonly ClassFigures[];
  readonly confusion: readonly ConfusionPair[];
  readonly reliability: readonly ReliabilityBin[];
  readonly riskCoverage: readonly RiskCoveragePoint[];
  readonly flips: readonly FlipRate[];
  /** Null where no prompt is of a labelled conversation. */
  readonly turns: TurnFigures | null;
  /** Null where none decided. */
  readonly firstTier: FirstTierFigures | null;
}

/**
 * Judges predictions. Out-of-scope lines count in `n`, `latencyMs`, `abstentionRate` and the `oos` figures only.
 *
 * - accuracy: share of lines whose predicted class is right, before abstention
 * - servedAccuracy: share whose serving class is right
 * - coverage, selectiveAccuracy: share not abstained, and the accuracy among those (El-Yaniv & Wiener 2010)
 * - macroF1: mean of the F1 of every class that is true or predicted anywhere; a line with several right classes
 *   belongs to the predicted one if that is right, otherwise to `trueClass`
 * - ece, reliability: see calibrationOf; aurc, riskCoverage: see riskCoverageOf, by confidence before abstention
 * - oosAuroc: see auroc, in scope being positive
 * - flipRate, decidedFlipRate, flips: see flipsOf, in all and by kind of perturbation
 * - turns: see turnFiguresOf; firstTier: see firstTierFiguresOf
 * - oosRecall: share of out-of-scope lines abstained
 * - latencyMs: nearest-rank percentiles
 *
 * Throws a RangeError for a confidence that is no probability and for scores or latencies that are NaN.
 */
export function measure(predictions: readonly Prediction[]): Metrics {
  if (predictions.some((it) => Number.isNaN(it.inScopeScore) || Number.isNaN(it.latencyMs))) {
    throw new RangeError('A prediction has a score or a latency that is not a number.');
  }
  const inScope = predictions.filter(({ isOutOfScope }) => !isOutOfScope);
  const outOfScope = predictions.filter(({ isOutOfScope }) => isOutOfScope);
  const outcomes = inScope.map(({ trueClass, predicted, accepted }) => ({
    trueClass: accepted.has(predicted) ? predicted : trueClass,
    predicted,
  }));
  const classes = classFigures(outcomes);
  const judgements = inScope.map((prediction) => ({
    confidence: prediction.confidence,
    isRight: isRight(prediction),
  }));

  return {
    accuracy: shareOf(inScope, isRight),
    servedAccuracy: shareOf(inScope, ({ accepted, servedClass }) => accepted.has(servedClass)),
    coverage: shareOf(inScope, ({ abstained }) => !abstained),
    selectiveAccuracy: shareOf(
      inScope.filter(({ abstained }) => !abstained),
      isRight,
    ),
    macroF1: meanOf(classes.map(({ f1 }) => f1)),
    oosAuroc: auroc(
      inScope.map(({ inScopeScore }) => inScopeScore),
      outOfScope.map(({ inScopeScore }) => inScopeScore),
    ),
    oosRecall: shareOf(outOfScope, ({ abstained }) => abstained),
    abstentionRate: shareOf(predictions, ({ abstained }) => abstained),
    ...flipsOf(predictions),
    latencyMs: percentilesOf(predictions.map(({ latencyMs }) => latencyMs)),
    n: predictions.length,
    nOutOfScope: outOfScope.length,
    classes,
    confusion: confusionPairs(outcomes),
    ...calibrationOf(judgements),
    ...riskCoverageOf(judgements),
    turns: turnFiguresOf(inScope),
    firstTier: firstTierFiguresOf(predictions),
  };
}

function isRight({ accepted, predicted }: Prediction): boolean {
  return accepted.has(predicted);
}

function shareOf<Item>(items: readonly Item[], holds: (item: Item) => boolean): Figure {
  return items.length === 0 ? null : items.filter(holds).length / items.length;
}

/** The arithmetic mean; null of nothing. */
export function meanOf(values: readonly number[]): Figure {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}

function percentilesOf(values: readonly number[]): Metrics['latencyMs'] {
  const ascending = values.toSorted((a, b) => a - b);
  const percentile = (percent: number): Figure =>
    ascending[Math.ceil((percent * ascending.length) / 100) - 1] ?? null;
  return { p50: percentile(50), p90: percentile(90), p99: percentile(99) };
}
