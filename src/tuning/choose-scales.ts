import type { FeatureScales } from '../classifier/linear-head.ts';
import type { Evidence, EvidenceRequest } from './gather-evidence.ts';
import type { ChosenMixture } from './mixture.ts';

export type Fold = Pick<
  EvidenceRequest,
  'inputs' | 'lessons' | 'held' | 'scales' | 'neighbours' | 'tooSimilar'
>;

export interface ChooseScalesOptions extends Omit<Fold, 'held' | 'scales'> {
  /** What is held out of `inputs`, fold by fold. */
  readonly folds: readonly (readonly number[])[];
  readonly run: (folds: readonly Fold[]) => Promise<Evidence[][]>;
  /** How the evidence is weighed best. */
  readonly choose: (evidence: readonly Evidence[]) => ChosenMixture;
}

/** Wording counts more where classes differ by what is to be done, meaning where they differ by topic. */
const scaleChoices: readonly FeatureScales[] = [
  { dense: 2, sparse: 4 },
  { dense: 2.5, sparse: 2 },
  { dense: 3, sparse: 1 },
  { dense: 4, sparse: 1.5 },
];
/** So many folds compare the scales; the others only serve the winner. */
const comparingFolds = 2;

/** How many fits it takes. */
export function fitsFor(folds: number): number {
  const comparing = Math.min(comparingFolds, folds);
  return scaleChoices.length * comparing + folds - comparing;
}

/** The scales whose evidence is weighed best, and with them the evidence of every fold, in order. */
export async function chooseScales(
  options: ChooseScalesOptions,
): Promise<ChosenMixture & { scales: FeatureScales; evidence: Evidence[] }> {
  const { folds, run, choose, ...common } = options;
  const comparing = folds.slice(0, comparingFolds);
  const first = await run(
    scaleChoices.flatMap((scales) => comparing.map((held) => ({ ...common, held, scales }))),
  );
  const choices = scaleChoices.map((scales, choice) => {
    const evidence = first.slice(choice * comparing.length, (choice + 1) * comparing.length).flat();
    return { scales, evidence, ...choose(evidence) };
  });
  const { scales, evidence: begun } = choices.reduce((best, other) =>
    other.logLoss < best.logLoss ? other : best,
  );
  const rest = await run(folds.slice(comparingFolds).map((held) => ({ ...common, held, scales })));
  const evidence = [...begun, ...rest.flat()];
  return { scales, evidence, ...choose(evidence) };
}
