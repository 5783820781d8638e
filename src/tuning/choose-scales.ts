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
  { dense: 1.5, sparse: 3 },
  { dense: 2.5, sparse: 2 },
  { dense: 3, sparse: 1 },
  { dense: 4, sparse: 1.5 },
];
/** So many folds compare all scales; on the others only the finalists compete. */
const openFolds = 2;
const finalists = 2;

/** How many fits it takes. */
export function fitsFor(folds: number): number {
  const open = Math.min(openFolds, folds);
  return scaleChoices.length * open + finalists * (folds - open);
}

/** The scales whose evidence is weighed best, and with them the evidence of every fold, in order. */
export async function chooseScales(
  options: ChooseScalesOptions,
): Promise<ChosenMixture & { scales: FeatureScales; evidence: Evidence[] }> {
  const { folds, run, choose, ...common } = options;
  /** Hears all contenders on more folds; those with the least log loss first. */
  const compare = async (contenders: readonly Contender[], heldOut: typeof folds) => {
    const heard = await run(
      contenders.flatMap(({ scales }) => heldOut.map((held) => ({ ...common, held, scales }))),
    );
    return contenders
      .map(({ scales, evidence: before }, position) => {
        const from = position * heldOut.length;
        const evidence = [...before, ...heard.slice(from, from + heldOut.length).flat()];
        return { scales, evidence, ...choose(evidence) };
      })
      .sort((a, b) => a.logLoss - b.logLoss);
  };
  const all = scaleChoices.map((scales) => ({ scales, evidence: [] }));
  const ranked = await compare(all, folds.slice(0, openFolds));
  const [best] = await compare(ranked.slice(0, finalists), folds.slice(openFolds));
  if (best === undefined) throw new Error('There are always scales to choose from.');
  return best;
}

interface Contender {
  readonly scales: FeatureScales;
  readonly evidence: readonly Evidence[];
}
