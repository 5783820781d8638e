import type { Command } from 'commander';
import { ensureStaticEncoder } from '../embedding/static/ensure-static-encoder.ts';
import type { StaticEncoder } from '../embedding/static/static-encoder.ts';
import { type FirstTierToJudge, type JudgeOptions, judge } from '../evaluation/judge.ts';
import type { Prediction } from '../evaluation/metrics.ts';
import { groupRelated } from '../evaluation/near-duplicates.ts';
import { createReport, toJson, toText } from '../evaluation/report.ts';
import { drawShots, groupedFolds } from '../evaluation/sampling.ts';
import { type TestItem, turnOf } from '../evaluation/test-set.ts';
import type { TrainingInput } from '../index/embed-views.ts';
import { teach } from '../index/teach.ts';
import { openEmbedder, openModel } from '../open-embedder.ts';
import { findTuning, openIndexParts } from '../open-routing.ts';
import { createRandom } from '../random.ts';
import { readConversation } from '../routing/conversation/read-conversation.ts';
import type { FirstTierSettings } from '../routing/tiers/static-tier.ts';
import { type DecisionSettings, toDecisionSettings } from '../tuning/decision-settings.ts';
import { tune } from '../tuning/tune.ts';
import { type CommandContext, CommandError } from './context.ts';
import {
  type MaterialOptions,
  readExamples,
  readExamplesInForce,
  readFollowUps,
  readTest,
} from './evaluation-material.ts';
import { toOpenOptions } from './open-options.ts';
import { parseCount } from './parse-count.ts';
import { createPlotFile } from './plot-file.ts';
import { createProgress } from './progress.ts';

/** An example to learn from, which a fold may also be judged on. */
interface Learnable extends TrainingInput {
  readonly item: TestItem;
}

/** Threads get what they read, and nothing else. */
function withoutItem({ item: _item, ...input }: Learnable): TrainingInput {
  return input;
}

interface Options extends MaterialOptions {
  readonly examples?: string;
  readonly test?: string;
  readonly cv?: number;
  readonly shots?: number;
  readonly repeats: number;
  readonly seed: number;
  readonly oosLabel?: string;
  readonly firstTier?: boolean;
  readonly perturb?: boolean;
  readonly plot?: string;
  readonly json?: boolean;
}

export function addEvaluateCommand(program: Command, context: CommandContext): void {
  program
    .command('evaluate')
    .description('measure the routing on labelled prompts')
    .option(
      '--examples <file>',
      'JSONL to learn from, any classes (default: the examples in force)',
    )
    .option('--test <file>', 'JSONL to be judged on')
    .option('--only <ids>', 'of --test, only the prompts that this file names by their ids')
    .option('--except <ids>', 'of --test, all but those')
    .option('--cv <folds>', 'judge the examples on themselves, by cross-validation', parseCount)
    .option('--shots <n>', 'learn from n examples a class', parseCount)
    .option('--repeats <n>', 'repeat with other draws; mean and deviation', parseCount, 1)
    .option('--seed <n>', 'of the draws', parseCount, 1)
    .option('--oos-label <class>', 'test lines of this class belong to none')
    .option('--first-tier', 'with the first tier, as it serves; without, the last tier decides all')
    .option('--last-message-only', 'leave out what came before in a conversation')
    .option(
      '--perturb',
      'also with typos, other case, politeness, quotes, and the "paraphrases" of a line: how often the class flips',
    )
    .option('--plot <file>', 'also draw confusions, calibration and risk into a .svg or .html file')
    .option('--json', 'as JSON')
    .action((options: Options) => {
      if ((options.test === undefined) === (options.cv === undefined)) {
        throw new CommandError('Name either --test <file> or --cv <folds>.', 2);
      }
      if (options.cv === 1) {
        throw new CommandError('Cross-validation takes two folds at least.', 2);
      }
      return evaluate(context, program.opts()['config'], options);
    });
}

async function evaluate(
  context: CommandContext,
  configFile: string | undefined,
  options: Options,
): Promise<void> {
  const plot = options.plot === undefined ? undefined : createPlotFile(options.plot);
  const config = context.loadConfig(configFile);
  const openOptions = toOpenOptions(context, config);
  const items =
    options.examples === undefined ? undefined : readExamples(options.examples, options);
  const test = options.test === undefined ? undefined : readTest(options.test, options);
  const model = await openModel(openOptions);
  const embedder = await openEmbedder(openOptions, model);
  const { parts, close } = await openIndexParts(openOptions, embedder);
  const progress = createProgress(context.remark);
  try {
    const inForce = items === undefined ? readExamplesInForce(openOptions) : undefined;
    const labelled = (items ?? inForce?.items ?? []).filter(
      ({ className }) => className !== options.oosLabel,
    );
    const withTurn = labelled.map((item) => ({ item, turn: turnOf(item) }));
    const singles = withTurn.flatMap(({ item, turn }) => (turn === undefined ? [item] : []));
    const turns = withTurn.flatMap(({ item, turn }) =>
      turn === undefined ? [] : [{ item, turn }],
    );
    const examples = singles.map(({ messages, className }) => ({
      text: readConversation(messages).ask ?? '',
      className,
    }));
    const { inputs, lessons } = await teach(
      {
        examples,
        conversations: turns.map(({ turn }) => turn),
        followUps: inForce?.followUps ?? readFollowUps(openOptions),
      },
      { ...parts, onProgress: progress('Embedding examples') },
    );
    const ordered = [...singles, ...turns.map(({ item }) => item)];
    const training = inputs.flatMap((input, position): Learnable[] => {
      const item = ordered[position];
      return item === undefined ? [] : [{ ...input, item }];
    });

    const { encoder } = embedder;
    const staticEncoder =
      options.firstTier === true ? await ensureStaticEncoder({ ...openOptions, model }) : undefined;
    const settingsFor = async (drawn: readonly Learnable[]): Promise<DecisionSettings> => {
      const isInForce = inForce !== undefined && options.shots === undefined;
      const classNames = Object.keys(config.classes);
      const tuning = isInForce
        ? findTuning(config, { encoderHash: encoder.hash, classNames }, inForce.hash).tuning
        : await tune(drawn.map(withoutItem), {
            ...config.routing,
            ...config.routing.classifier,
            encoderHash: encoder.hash,
            exampleSetHash: '',
            lessons,
            staticEncoder,
            onProgress: progress('Tuning on folds'),
          });
      // Classes of other examples only happen to have the names that the configuration sets thresholds for.
      const classes = inForce === undefined ? {} : config.classes;
      return toDecisionSettings({ ...config, classes }, tuning);
    };
    const judgeOptions = {
      ...parts,
      lessons,
      defaultClass: config.routing.defaultClass,
      outOfScopeLabel: options.oosLabel,
      perturb: options.perturb === true ? createRandom(options.seed) : undefined,
      onProgress: progress('Judging prompts'),
    };
    const runs: Prediction[][] = [];
    for (let run = 0; run < options.repeats; run += 1) {
      const random = createRandom(options.seed + run);
      const drawn =
        options.shots === undefined ? training : drawShots(training, options.shots, random);
      const settings = await settingsFor(drawn);
      const firstTier = toFirstTier(staticEncoder, settings.firstTier);
      const how: JudgeOptions = { ...judgeOptions, ...settings, firstTier };
      runs.push(
        test === undefined
          ? await crossValidate(drawn, { folds: options.cv ?? 2, random, judgeOptions: how })
          : await judge(drawn, test, how),
      );
    }
    const report = createReport(runs);
    context.print(options.json === true ? `${JSON.stringify(toJson(report))}\n` : toText(report));
    if (plot !== undefined) {
      await plot.write(report);
      context.remark(`Wrote ${plot.path}.\n`);
    }
  } finally {
    close();
    await embedder.close();
  }
}

function toFirstTier(
  encoder: StaticEncoder | undefined,
  settings: FirstTierSettings | undefined,
): FirstTierToJudge | undefined {
  const isTunedForIt = encoder !== undefined && settings?.encoderHash === encoder.encoder.hash;
  return isTunedForIt ? { encoder, settings } : undefined;
}

/** Judges every item by what the other folds teach; near-duplicates share a fold. */
async function crossValidate(
  training: readonly Learnable[],
  how: { folds: number; random: () => number; judgeOptions: JudgeOptions },
): Promise<Prediction[]> {
  const groups = groupRelated(training);
  const grouped = training.map((entry, position) => ({
    ...entry,
    group: groups[position] ?? position,
  }));
  const predictions: Prediction[] = [];
  for (const fold of groupedFolds(grouped, how.folds, how.random)) {
    const held = new Set(fold);
    const rest = grouped.filter((_entry, position) => !held.has(position));
    const test = grouped.filter((_entry, position) => held.has(position)).map(({ item }) => item);
    predictions.push(...(await judge(rest, test, how.judgeOptions)));
  }
  return predictions;
}
