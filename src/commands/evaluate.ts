import { type Command, InvalidArgumentError } from 'commander';
import { type JudgeOptions, judge, type TrainingItem } from '../evaluation/judge.ts';
import type { Prediction } from '../evaluation/metrics.ts';
import { groupNearDuplicates } from '../evaluation/near-duplicates.ts';
import { createReport, toJson, toText } from '../evaluation/report.ts';
import { drawShots, groupedFolds } from '../evaluation/sampling.ts';
import { loadTestSet, type TestItem } from '../evaluation/test-set.ts';
import { embedViews, meanVector } from '../index/embed-views.ts';
import { openEmbedder, openIndexParts, openStore, trainingSettings } from '../open-routing.ts';
import { createRandom } from '../random.ts';
import { extractAsk } from '../routing/ask.ts';
import { type CommandContext, CommandError } from './context.ts';
import { toOpenOptions } from './open-options.ts';
import { createPlotFile } from './plot-file.ts';
import { createProgress } from './progress.ts';

interface Options {
  readonly examples?: string;
  readonly test?: string;
  readonly cv?: number;
  readonly shots?: number;
  readonly repeats: number;
  readonly seed: number;
  readonly oosLabel?: string;
  readonly lastMessageOnly?: boolean;
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
    .option('--cv <folds>', 'judge the examples on themselves, by cross-validation', parseCount)
    .option('--shots <n>', 'learn from n examples a class', parseCount)
    .option('--repeats <n>', 'repeat with other draws; mean and deviation', parseCount, 1)
    .option('--seed <n>', 'of the draws', parseCount, 1)
    .option('--oos-label <class>', 'test lines of this class belong to none')
    .option('--last-message-only', 'leave out what came before in a conversation')
    .option(
      '--perturb',
      'also with typos, other case, politeness, quotes: how often the class flips',
    )
    .option('--plot <file>', 'also draw confusions, calibration and risk into a .svg or .html file')
    .option('--json', 'as JSON')
    .action((options: Options) => {
      if ((options.test === undefined) === (options.cv === undefined)) {
        throw new CommandError('Name either --test <file> or --cv <folds>.', 2);
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
    options.examples === undefined ? undefined : await readItems(options.examples, options);
  const test = options.test === undefined ? undefined : await readItems(options.test, options);
  const embedder = await openEmbedder(openOptions);
  const { parts, close } = await openIndexParts(openOptions, embedder);
  const progress = createProgress(context.remark);
  try {
    const learnable = items ?? readExamplesInForce(openOptions);
    const labelled = learnable.filter(({ className }) => className !== options.oosLabel);
    const texts = labelled.map(({ messages }) => extractAsk(messages) ?? '');
    const onProgress = progress('Embedding examples');
    const embedded = await embedViews(texts, { ...parts, onProgress });
    const training = labelled.flatMap(
      ({ className }, position): (TrainingItem & { item: TestItem })[] => {
        const views = embedded[position];
        const item = labelled[position];
        const text = texts[position] ?? '';
        if (views === undefined || item === undefined) return [];
        const vectors = views.map(({ features }) => features);
        return [{ text, className, vector: meanVector(views), vectors, item }];
      },
    );

    const judgeOptions: JudgeOptions = {
      ...parts,
      ...config.routing,
      training: trainingSettings(config),
      posterior: { sharpness: config.routing.sharpness, ...config.routing.classifier },
      outOfScopeLabel: options.oosLabel,
      perturb: options.perturb === true ? createRandom(options.seed) : undefined,
      onProgress: progress('Judging prompts'),
    };
    const runs: Prediction[][] = [];
    for (let run = 0; run < options.repeats; run += 1) {
      const random = createRandom(options.seed + run);
      const drawn =
        options.shots === undefined ? training : drawShots(training, options.shots, random);
      runs.push(
        test === undefined
          ? await crossValidate(drawn, { folds: options.cv ?? 2, random, judgeOptions })
          : await judge(drawn, test, judgeOptions),
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

/** Judges every item by what the other folds teach; near-duplicates share a fold. */
async function crossValidate(
  training: readonly (TrainingItem & { item: TestItem })[],
  how: { folds: number; random: () => number; judgeOptions: JudgeOptions },
): Promise<Prediction[]> {
  const groups = groupNearDuplicates(training);
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

async function readItems(file: string, options: Options): Promise<TestItem[]> {
  const items = await loadTestSet(file);
  if (items.length === 0) throw new CommandError(`${file} has no lines.`);
  if (options.lastMessageOnly !== true) return items;
  return items.map((item) => ({
    ...item,
    messages: item.messages.filter(({ role }) => role === 'user').slice(-1),
  }));
}

function readExamplesInForce(openOptions: Parameters<typeof openStore>[0]): TestItem[] {
  const { store, close } = openStore(openOptions);
  close();
  return store.list().map(({ id, text, className }) => ({
    id,
    messages: [{ role: 'user', content: text }],
    className,
    accepted: new Set([className]),
  }));
}

function parseCount(text: string): number {
  const count = Number(text);
  if (/^\d{1,9}$/.test(text) && count > 0) return count;
  throw new InvalidArgumentError('expected a positive whole number');
}
