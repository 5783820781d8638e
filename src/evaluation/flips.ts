import type { Figure, Prediction } from './metrics.ts';

/** How often one kind of perturbation changes the class. */
export interface FlipRate {
  readonly kind: string;
  /** Prompts that were perturbed so. */
  readonly n: number;
  readonly rate: number;
}

/** The share of perturbed prompts that are taken for another class than the prompt itself. */
export function flipsOf(predictions: readonly Pick<Prediction, 'predicted' | 'perturbed'>[]): {
  flipRate: Figure;
  flips: FlipRate[];
} {
  const counts = new Map<string, { n: number; flipped: number }>();
  for (const { predicted, perturbed = [] } of predictions) {
    for (const { kind, predicted: now } of perturbed) {
      const count = counts.get(kind) ?? { n: 0, flipped: 0 };
      counts.set(kind, { n: count.n + 1, flipped: count.flipped + Number(now !== predicted) });
    }
  }
  const all = [...counts.values()];
  const n = all.reduce((sum, count) => sum + count.n, 0);
  const flipped = all.reduce((sum, count) => sum + count.flipped, 0);
  return {
    flipRate: n === 0 ? null : flipped / n,
    flips: [...counts].map(([kind, count]) => ({
      kind,
      n: count.n,
      rate: count.flipped / count.n,
    })),
  };
}
