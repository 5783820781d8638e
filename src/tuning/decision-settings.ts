import type { TrainingSettings } from '../classifier/train-head.ts';
import type { Config } from '../config/load.ts';
import type { PosteriorSettings } from '../routing/posterior.ts';
import type { Tuning } from './tuning.ts';

/** How decisions are made: what the configuration fixes, else what was tuned, else a fair guess. */
export interface DecisionSettings {
  readonly training: TrainingSettings;
  readonly posterior: Omit<PosteriorSettings, 'classNames'>;
  readonly neighbours: number;
  readonly thresholdOf: (className: string) => number;
  readonly outOfScopeBelow: number;
}

/** Serves until a set of examples is tuned. */
const untuned = {
  denseScale: 2.5,
  sparseScale: 2,
  neighbours: 25,
  sharpness: 10,
  voteShare: 0.3,
  temperature: 0.8,
  threshold: 0.3,
};

export function toDecisionSettings(
  { routing, classes }: Pick<Config, 'routing' | 'classes'>,
  tuning: Tuning | undefined,
): DecisionSettings {
  const { classifier, neighbours, threshold } = routing;
  const base = tuning ?? untuned;
  return {
    training: {
      scales: {
        dense: classifier.denseScale ?? base.denseScale,
        sparse: classifier.sparseScale ?? base.sparseScale,
      },
      epochs: classifier.epochs,
      seed: classifier.seed,
    },
    posterior: {
      sharpness: classifier.sharpness ?? base.sharpness,
      voteShare: classifier.voteShare ?? base.voteShare,
      temperature: classifier.temperature ?? base.temperature,
    },
    neighbours: neighbours ?? base.neighbours,
    thresholdOf: (className) =>
      classes[className]?.threshold ??
      threshold ??
      tuning?.thresholds[className] ??
      untuned.threshold,
    outOfScopeBelow: tuning?.outOfScopeBelow ?? 0,
  };
}
