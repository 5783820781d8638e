import { featureId } from '../classifier/feature-ids.ts';
import type { LabelledInput } from '../classifier/train-head.ts';
import { compareTexts } from '../compare-texts.ts';
import type { StaticEncoder } from '../embedding/static/static-encoder.ts';
import { groupRelated } from '../evaluation/near-duplicates.ts';
import { groupedFolds } from '../evaluation/sampling.ts';
import type { TrainingInput } from '../index/embed-views.ts';
import { toStaticInput } from '../index/static-inputs.ts';
import { createRandom } from '../random.ts';
import { type ChooseScalesOptions, chooseScales, type Fold, fitsFor } from './choose-scales.ts';
import { type Evidence, pick } from './gather-evidence.ts';
import { gatherInWorkers } from './gather-in-workers.ts';
import { chooseMixture, chooseTemperature } from './mixture.ts';
import { type TunedTier, toTuning } from './to-tuning.ts';
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
  /** Of the first tier; without it none is tuned. */
  readonly staticEncoder?: StaticEncoder | undefined;
  /** Classes that get a threshold though no example belongs to them. */
  readonly classNames?: readonly string[];
  readonly onProgress: (done: number, total: number) => void;
  /** Stands in for the threads in tests. */
  readonly gather?: typeof gatherInWorkers;
}

const foldCount = 5;
const sampleSize = 4_000;
const heldOutSize = 2_000;
const mostNeighbours = 40;
/** Near-duplicates, as in cross-validation. */
const tooSimilar = 0.95;
const leastInputs = 20;

/**
 * Chooses scales, mixture, temperature and thresholds by grouped cross-validation on at most 4,000 of the inputs, and on
 * the same folds when the first tier may decide. Of a set more than twice as large only the scales come from there, the
 * rest from prompts that a fit on nearly all of it has not seen: a classifier taught a fraction would be less sure than
 * the one that serves, and its neighbours farther away. The same inputs in any order give the same tuning. Undefined
 * where there is too little to hold anything out: fewer than 20 inputs or than two classes.
 */
export async function tune(
  inputs: readonly TrainingInput[],
  options: TuneOptions,
): Promise<Tuning | undefined> {
  const taught = new Set(inputs.map(({ className }) => className));
  if (inputs.length < leastInputs || taught.size < 2) return undefined;
  const classNames = [...new Set([...taught, ...(options.classNames ?? [])])].sort();
  const { gather = gatherInWorkers, epochs, seed, lessons = [], staticEncoder } = options;
  const random = createRandom(seed);
  const all = inputs.toSorted(
    (a, b) =>
      compareTexts(a.text, b.text) ||
      compareTexts(a.className, b.className) ||
      compareTexts(a.before?.reply ?? '', b.before?.reply ?? ''),
  );
  const sample = pick(all, drawPositions(all, sampleSize, seed));
  const folds = groupedFolds(withGroups(sample), foldCount, random).filter(
    (fold) => fold.length > 0,
  );
  const isLarge = all.length > 2 * sampleSize;
  const held = isLarge ? drawPositions(all, heldOutSize, seed + 1) : undefined;

  const tiers = staticEncoder === undefined ? 1 : 2;
  const total = tiers * (fitsFor(folds.length) + Number(isLarge));
  let done = 0;
  const run = (requests: readonly Fold[]): Promise<Evidence[][]> =>
    gather(
      requests.map((request) => ({ classNames, epochs, seed, ...request })),
      () => {
        done += 1;
        options.onProgress(done, total);
      },
    );
  const tuneTier = (tier: TierToTune): Promise<TunedTier> =>
    tuneOn({ sample, folds, all, held }, { ...tier, run });

  const last = await tuneTier({ ...lastTier, lessons, read: (input) => input });
  const parts = { ...last, classNames, inputs, options };
  if (staticEncoder === undefined) return toTuning(parts);
  const read = <Input extends LabelledInput>(input: Input) => toStaticInput(input, staticEncoder);
  const first = await tuneTier({ ...firstTier, lessons: lessons.map(read), read });
  const asked = held === undefined ? pick(sample, folds.flat()) : pick(all, held);
  return toTuning({
    ...parts,
    first: {
      ...first,
      encoderHash: staticEncoder.encoder.hash,
      // It is only asked about what opens a conversation.
      isAsked: asked.map(({ before }) => before === undefined),
    },
  });
}

/** What there is to tune on: a sample in folds and, of a large set, what is held out of all of it. */
interface Material {
  readonly sample: readonly TrainingInput[];
  readonly folds: readonly (readonly number[])[];
  readonly all: readonly TrainingInput[];
  readonly held: readonly number[] | undefined;
}

interface TierToTune
  extends Pick<ChooseScalesOptions, 'lessons' | 'neighbours'>,
    Pick<ChooseScalesOptions, 'choose'> {
  /** An input as the tier reads it. */
  readonly read: (input: TrainingInput) => TrainingInput;
}

const lastTier = { neighbours: mostNeighbours, choose: chooseMixture };
/** The head alone. */
const firstTier = {
  neighbours: 0,
  choose: (evidence: readonly Evidence[]) =>
    chooseTemperature(evidence, { neighbours: 0, sharpness: 1, voteShare: 0 }),
};

async function tuneOn(
  { sample, folds, all, held }: Material,
  { read, run, ...tier }: TierToTune & Pick<ChooseScalesOptions, 'run'>,
): Promise<TunedTier> {
  const inputs = sample.map(read);
  const tooFar = Number.POSITIVE_INFINITY;
  const tuned = await chooseScales({ ...tier, run, inputs, folds, tooSimilar: tooFar });
  if (held === undefined) return tuned;
  const { scales } = tuned;
  const { lessons, choose } = tier;
  const request = { lessons, held, scales, inputs: all.map(read), neighbours: mostNeighbours };
  const [unseen = []] = await run([{ ...request, tooSimilar }]);
  return { scales, evidence: unseen, ...choose(unseen) };
}

/**
 * About `count` positions, from every class its share. Each text has its place in the order of drawing by itself, so that a
 * few more examples, or fewer, change the sample by as few.
 */
function drawPositions(inputs: readonly TrainingInput[], count: number, seed: number): number[] {
  const share = Math.min(1, count / inputs.length);
  const byClass = new Map<string, number[]>();
  for (const [position, { className }] of inputs.entries()) {
    const members = byClass.get(className) ?? [];
    members.push(position);
    byClass.set(className, members);
  }
  const ranks = inputs.map(({ text }) => createRandom(featureId(text) + seed)());
  const rankOf = (position: number): number => ranks[position] ?? 0;
  return [...byClass.values()]
    .flatMap((members) =>
      members.toSorted((a, b) => rankOf(a) - rankOf(b)).slice(0, Math.ceil(members.length * share)),
    )
    .sort((a, b) => a - b);
}

function withGroups(inputs: readonly TrainingInput[]) {
  const groups = groupRelated(inputs, { minSimilarity: tooSimilar });
  return inputs.map(({ className }, position) => ({
    className,
    group: groups[position] ?? position,
  }));
}
