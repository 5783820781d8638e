import type { FeatureScales } from '../classifier/linear-head.ts';
import type { LabelledInput } from '../classifier/train-head.ts';
import { compareTexts } from '../compare-texts.ts';
import { groupRelated } from '../evaluation/near-duplicates.ts';
import { groupedFolds } from '../evaluation/sampling.ts';
import type { TrainingInput } from '../index/embed-views.ts';
import { createRandom, type Random, shuffle } from '../random.ts';
import { type Evidence, type EvidenceRequest, pick } from './gather-evidence.ts';
import { gatherInWorkers } from './gather-in-workers.ts';
import { chooseMixture, chooseTemperature } from './mixture.ts';
import { toTuning } from './to-tuning.ts';
import type { Tuning } from './tuning.ts';

export interface TuneOptions {
  readonly encoderHash: string;
  readonly exampleSetHash: string;
  readonly targetPrecision: number;
  readonly outOfScopeShare: number;
  readonly epochs: number;
  readonly seed: number;
  /** What the head learns besides. */
  readonly lessons?: readonly LabelledInput[];
  /** Classes that get a threshold though no example belongs to them. */
  readonly classNames?: readonly string[];
  readonly onProgress: (done: number, total: number) => void;
  /** Stands in for the threads in tests. */
  readonly gather?: typeof gatherInWorkers;
}

/** Wording counts more where classes differ by what is to be done, meaning where they differ by topic. */
const scaleChoices: readonly FeatureScales[] = [
  { dense: 2, sparse: 4 },
  { dense: 2.5, sparse: 2 },
  { dense: 3, sparse: 1 },
  { dense: 4, sparse: 1.5 },
];
const foldCount = 5;
/** So many folds compare the scales; the others only serve the winner. */
const comparingFolds = 2;
const sampleSize = 4_000;
const heldOutSize = 1_000;
const mostNeighbours = 40;
/** Near-duplicates, as in cross-validation. */
const tooSimilar = 0.95;
const leastInputs = 20;

/**
 * Chooses scales, mixture, temperature and thresholds by grouped cross-validation on at most 4,000 of the inputs. Of
 * a set more than twice as large the last two come from prompts that a fit on nearly all of it has not seen: a
 * classifier taught a fraction would be less sure than the one that serves. The same inputs in any order give the
 * same tuning. Undefined where there is too little to hold anything out: fewer than 20 inputs or than two classes.
 */
export async function tune(
  inputs: readonly TrainingInput[],
  options: TuneOptions,
): Promise<Tuning | undefined> {
  const taught = new Set(inputs.map(({ className }) => className));
  if (inputs.length < leastInputs || taught.size < 2) return undefined;
  const classNames = [...new Set([...taught, ...(options.classNames ?? [])])].sort();
  const { gather = gatherInWorkers, epochs, seed, lessons = [] } = options;
  const random = createRandom(seed);
  const all = inputs.toSorted(
    (a, b) =>
      compareTexts(a.text, b.text) ||
      compareTexts(a.className, b.className) ||
      compareTexts(a.before?.reply ?? '', b.before?.reply ?? ''),
  );
  const sample = pick(all, drawPositions(all, sampleSize, random));
  const isLarge = all.length > 2 * sampleSize;
  const folds = groupedFolds(withGroups(sample), foldCount, random).filter(
    (fold) => fold.length > 0,
  );
  const comparing = folds.slice(0, comparingFolds);

  const total = scaleChoices.length * comparing.length + folds.length - comparing.length;
  let done = 0;
  const run = (requests: readonly Fold[]): Promise<Evidence[][]> => {
    const common = { classNames, lessons, epochs, seed, neighbours: mostNeighbours };
    return gather(
      requests.map((request) => ({ ...common, ...request })),
      () => {
        done += 1;
        options.onProgress(done, total + Number(isLarge));
      },
    );
  };
  const onSample = (held: readonly number[], scales: FeatureScales): Fold => {
    return { inputs: sample, held, scales, tooSimilar: Number.POSITIVE_INFINITY };
  };

  const first = await run(
    scaleChoices.flatMap((scales) => comparing.map((held) => onSample(held, scales))),
  );
  const choices = scaleChoices.map((scales, choice) => {
    const evidence = first.slice(choice * comparing.length, (choice + 1) * comparing.length).flat();
    return { scales, evidence, ...chooseMixture(evidence) };
  });
  const { scales, evidence: begun } = choices.reduce((best, other) =>
    other.logLoss < best.logLoss ? other : best,
  );
  const rest = await run(folds.slice(comparingFolds).map((held) => onSample(held, scales)));
  const evidence = [...begun, ...rest.flat()];
  const chosen = chooseMixture(evidence);
  if (!isLarge) return toTuning({ ...chosen, evidence, scales, classNames, inputs, options });

  const held = drawPositions(all, heldOutSize, random);
  const [unseen = []] = await run([{ inputs: all, held, scales, tooSimilar }]);
  const recalibrated = chooseTemperature(unseen, chosen.mixture);
  return toTuning({ ...recalibrated, evidence: unseen, scales, classNames, inputs, options });
}

type Fold = Pick<EvidenceRequest, 'inputs' | 'held' | 'scales' | 'tooSimilar'>;

/** About `count` positions, from every class its share. */
function drawPositions(inputs: readonly TrainingInput[], count: number, random: Random): number[] {
  const share = Math.min(1, count / inputs.length);
  const byClass = new Map<string, number[]>();
  for (const [position, { className }] of inputs.entries()) {
    const members = byClass.get(className) ?? [];
    members.push(position);
    byClass.set(className, members);
  }
  return [...byClass.values()]
    .flatMap((members) => shuffle(members, random).slice(0, Math.ceil(members.length * share)))
    .sort((a, b) => a - b);
}

function withGroups(inputs: readonly TrainingInput[]) {
  const groups = groupRelated(inputs, { minSimilarity: tooSimilar });
  return inputs.map(({ className }, position) => ({
    className,
    group: groups[position] ?? position,
  }));
}
