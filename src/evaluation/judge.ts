import { type LabelledInput, type TrainingSettings, trainHead } from '../classifier/train-head.ts';
import type { Clock } from '../clock.ts';
import type { Embedder } from '../embedding/embedder.ts';
import type { StaticEncoder } from '../embedding/static/static-encoder.ts';
import type { ConversationTurn } from '../examples/conversations.ts';
import { createExample } from '../examples/example.ts';
import { canVote, type TrainingInput } from '../index/embed-views.ts';
import { createExactIndex } from '../index/exact-index.ts';
import { createExampleIndex } from '../index/example-index.ts';
import type { HnswLibrary } from '../index/hnsw-index.ts';
import { toStaticInput } from '../index/static-inputs.ts';
import { normaliseText } from '../normalise-text.ts';
import type { Random } from '../random.ts';
import { readConversation } from '../routing/conversation/read-conversation.ts';
import { createDecider, type Decider } from '../routing/decider.ts';
import type { Decision } from '../routing/decision.ts';
import { createClassifier, type PosteriorSettings } from '../routing/posterior.ts';
import { inScopeScore } from '../routing/router.ts';
import { createStaticTier, type FirstTierSettings } from '../routing/tiers/static-tier.ts';
import type { Tier } from '../routing/tiers/tier.ts';
import { createTransformerTier } from '../routing/tiers/transformer-tier.ts';
import type { ChangedPrediction } from './flips.ts';
import type { Prediction } from './metrics.ts';
import { perturbations } from './perturbations.ts';
import type { TestItem } from './test-set.ts';
import type { TurnFacts } from './turn-figures.ts';

export interface JudgeOptions {
  readonly embedder: Embedder;
  readonly library: HnswLibrary | undefined;
  readonly clock: Clock;
  readonly neighbours: number;
  readonly training: TrainingSettings;
  /** What the head learns besides. */
  readonly lessons: readonly LabelledInput[];
  readonly posterior: Omit<PosteriorSettings, 'classNames'>;
  readonly thresholdOf: (className: string) => number;
  readonly outOfScopeBelow: number;
  /** Serves after abstention, where the training classes know it. */
  readonly defaultClass: string;
  /** The label of test lines that belong to no class. */
  readonly outOfScopeLabel: string | undefined;
  /** Draws the perturbations; undefined where none are tried. */
  readonly perturb: Random | undefined;
  /** Decides what it is sure of; undefined where the last tier decides everything. */
  readonly firstTier?: FirstTierToJudge | undefined;
  readonly onProgress: (done: number, total: number) => void;
}

export interface FirstTierToJudge {
  readonly encoder: StaticEncoder;
  readonly settings: FirstTierSettings;
}

/** Far beyond what an embedding takes: an evaluation waits rather than abstains. */
const patienceMs = 600_000;
const progressStep = 100;

/** Lets the real decider, taught only `training`, decide every test item, one after the other. */
export async function judge(
  training: readonly TrainingInput[],
  test: readonly TestItem[],
  options: JudgeOptions,
): Promise<Prediction[]> {
  const decider = teach(training, options);
  const predictions: Prediction[] = [];
  for (const [position, item] of test.entries()) {
    if (position % progressStep === 0) options.onProgress(position, test.length);
    const startedAtMs = options.clock.now();
    const conversation = readConversation(item.messages);
    const { decision } = await decider.decide(conversation);
    const latencyMs = options.clock.now() - startedAtMs;
    // Explanations are always the last tier's.
    const isOfLast = decision.tier !== 'static';
    const last = isOfLast
      ? decision
      : (await decider.decide(conversation, { explain: true })).decision;
    const [best] = decision.posterior;
    const confidence = best?.probability ?? 0;
    predictions.push({
      accepted: item.accepted,
      trueClass: item.className,
      isOutOfScope: item.className === options.outOfScopeLabel,
      predicted: best?.className ?? '',
      confidence,
      abstained: decision.basis.kind === 'abstained',
      servedClass: decision.className ?? '',
      inScopeScore: inScopeScore(decision),
      latencyMs,
      tier: decision.tier,
      predictedByLastTier: last.posterior[0]?.className ?? '',
      ...(item.turn && { turn: toTurnFacts(item.turn, decision) }),
      ...(options.perturb && { perturbed: await decidePerturbed(item, decider, options.perturb) }),
    });
  }
  options.onProgress(test.length, test.length);
  return predictions;
}

function toTurnFacts(
  { conversation, earlier, text, goesOn }: ConversationTurn,
  { context }: Decision,
): TurnFacts {
  const words = text.match(/[\p{L}\p{N}']+/gu)?.length ?? 0;
  const contextShare = context?.share ?? 0;
  return { conversation, position: earlier.length, words, goesOn, contextShare };
}

/** What the item is taken for with its last message changed in every way, and in the words of its paraphrases. */
async function decidePerturbed(
  { messages, paraphrases = [] }: TestItem,
  decider: Decider,
  random: Random,
): Promise<ChangedPrediction[]> {
  const text = readConversation(messages).ask ?? '';
  const askedAt = messages.findLastIndex(({ role }) => role === 'user');
  const perturbed: ChangedPrediction[] = [];
  const variants = [
    ...Object.entries(perturbations).map(([kind, change]) => ({
      kind,
      content: change(text, random),
    })),
    ...paraphrases.map((content) => ({ kind: 'paraphrase', content })),
  ];
  for (const { kind, content } of variants) {
    const changed = { role: 'user' as const, content };
    const { decision } = await decider.decide(readConversation(messages.with(askedAt, changed)));
    perturbed.push({
      kind,
      predicted: decision.posterior[0]?.className ?? '',
      abstained: decision.basis.kind === 'abstained',
    });
  }
  return perturbed;
}

function teach(training: readonly TrainingInput[], options: JudgeOptions): Decider {
  const { embedder, library, neighbours, defaultClass, clock } = options;
  const { dimensions } = embedder.encoder;
  const index = createExampleIndex(
    library?.create(dimensions, training.length) ?? createExactIndex(dimensions),
  );
  const byText = new Map<string, ReturnType<typeof createExample>>();
  for (const { text, className, vector } of training.filter(canVote)) {
    const example = createExample({ text, class: className }, 'dataset');
    index.add(example, vector);
    byText.set(normaliseText(text), example);
  }
  const classNames = [...new Set(training.map(({ className }) => className))].sort();
  const inputs = [...training, ...options.lessons];
  const head = classNames.length < 2 ? undefined : trainHead(inputs, options.training);
  const last = createTransformerTier({
    embedder,
    examples: { neighbours: (vector, count) => index.neighbours(vector, count) },
    classifier: createClassifier({ classNames, ...options.posterior }, () => head),
    neighbours,
    deadlineMs: patienceMs,
  });
  const first = teachFirstTier(inputs, classNames, options);
  return createDecider({
    tiers: first === undefined ? [last] : [first, last],
    examples: { findByText: (text) => byText.get(normaliseText(text)), hash: '' },
    rules: {
      defaultClass: classNames.includes(defaultClass) ? defaultClass : '',
      thresholdOf: options.thresholdOf,
      outOfScopeBelow: options.outOfScopeBelow,
    },
    clock,
  });
}

function teachFirstTier(
  inputs: readonly LabelledInput[],
  classNames: readonly string[],
  { firstTier }: JudgeOptions,
): Tier | undefined {
  if (firstTier === undefined || classNames.length < 2) return undefined;
  const { encoder, settings } = firstTier;
  const read = inputs.map((input) => toStaticInput(input, encoder));
  const head = trainHead(read, settings.training);
  return createStaticTier({
    encoder,
    classifier: createClassifier({ classNames, ...settings.posterior }, () => head),
    isUpToDate: () => true,
    sureFrom: settings.sureFrom,
  });
}
