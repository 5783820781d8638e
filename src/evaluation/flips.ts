import type { Figure, Prediction } from './metrics.ts';

/** What a prompt with a small change was taken for. */
export interface ChangedPrediction extends Pick<Prediction, 'predicted' | 'abstained'> {
  readonly kind: string;
}

/** How often one kind of perturbation changes the class. */
export interface FlipRate {
  readonly kind: string;
  /** Prompts that were perturbed so. */
  readonly n: number;
  readonly rate: number;
  /** Of them those that were decided both ways, without abstention. */
  readonly decided: number;
  readonly decidedRate: Figure;
}

export interface Flips {
  readonly flipRate: Figure;
  readonly decidedFlipRate: Figure;
  readonly flips: FlipRate[];
}

interface Count {
  n: number;
  flipped: number;
  decided: number;
  decidedFlipped: number;
}

const none: Count = { n: 0, flipped: 0, decided: 0, decidedFlipped: 0 };

/**
 * The share of perturbed prompts that are taken for another class than the prompt itself; and that share among those
 * where neither is abstained: how often a change of wording sends a request elsewhere though both were sure.
 */
export function flipsOf(
  predictions: readonly (Pick<Prediction, 'predicted' | 'abstained'> & {
    readonly perturbed?: readonly ChangedPrediction[];
  })[],
): Flips {
  const counts = new Map<string, Count>();
  const all = { ...none };
  for (const { predicted, abstained, perturbed = [] } of predictions) {
    for (const changed of perturbed) {
      const count = counts.get(changed.kind) ?? { ...none };
      counts.set(changed.kind, count);
      const flipped = Number(changed.predicted !== predicted);
      const decided = Number(!abstained && !changed.abstained);
      for (const each of [count, all]) {
        each.n += 1;
        each.flipped += flipped;
        each.decided += decided;
        each.decidedFlipped += decided * flipped;
      }
    }
  }
  return {
    flipRate: shareOf(all.flipped, all.n),
    decidedFlipRate: shareOf(all.decidedFlipped, all.decided),
    flips: [...counts].map(([kind, { n, flipped, decided, decidedFlipped }]) => ({
      kind,
      n,
      rate: flipped / n,
      decided,
      decidedRate: shareOf(decidedFlipped, decided),
    })),
  };
}

function shareOf(part: number, whole: number): Figure {
  return whole === 0 ? null : part / whole;
}
