import type { TrainingSettings } from '../classifier/train-head.ts';
import type { Config } from '../config/load.ts';
import type { PosteriorSettings } from '../routing/posterior.ts';
import type { FirstTierSettings } from '../routing/tiers/static-tier.ts';
import type { Tuning } from './tuning.ts';

/** How decisions are made: what the configuration fixes, else what was tuned, else a fair guess. */
export interface DecisionSettings {
  readonly training: TrainingSettings;
  readonly posterior: Omit<PosteriorSettings, 'classNames'>;
  readonly neighbours: number;
  readonly thresholdOf: (className: string) => number;
  readonly outOfScopeBelow: number;
  /** Undefined until it is tuned: nobody knows what an untuned one may be sure of. */
  readonly firstTier: FirstTierSettings | undefined;
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
  const { epochs, seed } = classifier;
  const thresholdOf = (className: string): number =>
    classes[className]?.threshold ??
    threshold ??
    tuning?.thresholds[className] ??
    untuned.threshold;
  return {
    training: {
      scales: {
        dense: classifier.denseScale ?? base.denseScale,
        sparse: classifier.sparseScale ?? base.sparseScale,
      },
      epochs,
      seed,
    },
    posterior: {
      sharpness: classifier.sharpness ?? base.sharpness,
      voteShare: classifier.voteShare ?? base.voteShare,
      temperature: classifier.temperature ?? base.temperature,
    },
    neighbours: neighbours ?? base.neighbours,
    thresholdOf,
    outOfScopeBelow: tuning?.outOfScopeBelow ?? 0,
    firstTier: toFirstTier(tuning?.firstTier ?? undefined, { epochs, seed, thresholdOf }),
  };
}

function toFirstTier(
  tuned: NonNullable<Tuning['firstTier']> | undefined,
  how: Pick<TrainingSettings, 'epochs' | 'seed'> & Pick<DecisionSettings, 'thresholdOf'>,
): FirstTierSettings | undefined {
  if (tuned === undefined) return undefined;
  const { epochs, seed, thresholdOf } = how;
  const { encoderHash, denseScale, sparseScale, temperature, sureFrom } = tuned;
  return {
    encoderHash,
    training: { scales: { dense: denseScale, sparse: sparseScale }, epochs, seed },
    posterior: { sharpness: 1, voteShare: 0, temperature },
    sureFrom: (className) => Math.max(sureFrom, thresholdOf(className)),
  };
}
