import type { Command } from 'commander';
import { toViews } from '../classifier/views.ts';
import type { Embedder } from '../embedding/embedder.ts';
import { ensureStaticEncoder } from '../embedding/static/ensure-static-encoder.ts';
import type { StaticEncoder } from '../embedding/static/static-encoder.ts';
import { findGaps } from '../examples/find-gaps.ts';
import { buildIndex } from '../index/build-index.ts';
import { toStaticInputs } from '../index/static-inputs.ts';
import { type Taught, teach, teachableOf } from '../index/teach.ts';
import { openEmbedder, openModel } from '../open-embedder.ts';
import { headFiles, openHead } from '../open-head.ts';
import {
  findTuning,
  isTunedFor,
  type OpenOptions,
  openIndexParts,
  openStore,
  tuningPath,
} from '../open-routing.ts';
import { toDecisionSettings } from '../tuning/decision-settings.ts';
import { tune } from '../tuning/tune.ts';
import { type Tuning, writeTuning } from '../tuning/tuning.ts';
import type { CommandContext } from './context.ts';
import { addIndexInfo } from './index-info.ts';
import { toOpenOptions } from './open-options.ts';
import { createProgress } from './progress.ts';
import { refuseUnwritable, refuseUnwritableDirectory } from './refuse-unwritable.ts';

interface BuildOptions {
  readonly json?: boolean;
  readonly writeTuning?: string;
  readonly writeVectors?: string;
}

export function addIndexCommand(program: Command, context: CommandContext): void {
  const command = program.command('index').description('build or inspect the index of examples');
  const load = () => context.loadConfig(program.opts()['config']);

  command
    .command('build')
    .description(
      'index all examples anew, tune their weighing by cross-validation where they are another set, ' +
        'fit the classifier; a running server swaps to the result',
    )
    .option('--write-tuning <file>', 'choose anew and write the choice to a file to be committed')
    .option('--write-vectors <file>', 'write what the encoder made of the examples, to be shipped')
    .option('--json', 'as JSON')
    .action(async ({ json, writeTuning: file, writeVectors }: BuildOptions) => {
      for (const path of [file, writeVectors]) if (path !== undefined) refuseUnwritable(path);
      const options = toOpenOptions(context, load());
      refuseUnwritableDirectory(options.config.dataDir);
      const startedAtMs = context.clock.now();
      const { store, close: closeStore } = openStore(options);
      const model = await openModel(options);
      const embedder = await openEmbedder(options, model);
      try {
        const { parts, close } = await openIndexParts(options, embedder);
        const list = store.list();
        const classNames = Object.keys(options.config.classes);
        for (const gap of findGaps(list, classNames)) context.remark(`${gap}\n`);
        const teachable = teachableOf(store);
        const taught = await teach(teachable, parts);
        const hash = store.hash();
        const staticEncoder = options.config.embedding.firstTier
          ? await ensureStaticEncoder({ ...options, model })
          : undefined;
        const tuning = await tuneIfNeeded(
          { options, taught, hash, embedder, staticEncoder, file },
          context,
        );
        const { training, firstTier } = toDecisionSettings(options.config, tuning);
        const examples = { hash, list: () => list, taught: async () => taught };
        const head = await openHead(options, examples, {
          file: headFiles.transformer,
          encoder: embedder.encoder,
          training: () => training,
        });
        await head.close();
        if (staticEncoder !== undefined && firstTier !== undefined) {
          const first = await openHead(options, examples, {
            file: headFiles.static,
            encoder: staticEncoder.encoder,
            training: () => firstTier.training,
            read: (inputs) => toStaticInputs(inputs, staticEncoder),
          });
          await first.close();
        }
        // Last, since a running server swaps when it sees it.
        const { index } = await buildIndex(
          { ...parts, examples: list, exampleSetHash: hash },
          'asked for',
        );
        if (writeVectors !== undefined) {
          parts.vectors.copyTo(
            writeVectors,
            [...list, ...teachable.conversations].flatMap(({ text }) => toViews(text)),
          );
        }
        close();
        const durationMs = Math.round(context.clock.now() - startedAtMs);
        const facts = {
          examples: list.length,
          index: index.kind,
          hash,
          estimate: tuning?.estimate ?? null,
          isEstimateOfThese: tuning?.exampleSetHash === hash,
          durationMs,
        };
        context.print(json === true ? `${JSON.stringify(facts)}\n` : describeBuild(facts));
      } finally {
        closeStore();
        await embedder.close();
      }
    });

  addIndexInfo(command, context, load);
}

/** A handful of new examples does not change what suits a set; a tenth more of them may. */
const tolerableChange = 0.1;

/** What is tuned already for about these examples, or what cross-validation finds now. */
async function tuneIfNeeded(
  parts: {
    options: OpenOptions;
    taught: Taught;
    /** Of the examples. */
    hash: string;
    embedder: Embedder;
    staticEncoder: StaticEncoder | undefined;
    file: string | undefined;
  },
  context: CommandContext,
): Promise<Tuning | undefined> {
  const { options, taught, hash, embedder, staticEncoder, file } = parts;
  const { inputs, lessons } = taught;
  const { config } = options;
  const { encoder } = embedder;
  const target = { encoderHash: encoder.hash, classNames: Object.keys(config.classes) };
  const { tuning: found } = findTuning(config, target, hash);
  const isStillRight =
    found !== undefined &&
    Math.abs(inputs.length - found.examples) <= found.examples * tolerableChange &&
    isTunedFor(found, config.routing) &&
    found.firstTier?.encoderHash === staticEncoder?.encoder.hash;
  if (isStillRight && file === undefined) return found;
  const tuning = await tune(inputs, {
    ...config.routing,
    ...config.routing.classifier,
    encoderHash: encoder.hash,
    exampleSetHash: hash,
    classNames: target.classNames,
    lessons,
    staticEncoder,
    onProgress: createProgress(context.remark)('Tuning on folds'),
  });
  if (tuning === undefined) {
    context.remark('Too few examples to tune on: it takes 20, in two classes.\n');
    return found;
  }
  writeTuning(file ?? tuningPath(config), tuning);
  return tuning;
}

function describeBuild(facts: {
  examples: number;
  index: string;
  estimate: Tuning['estimate'] | null;
  isEstimateOfThese: boolean;
  durationMs: number;
}): string {
  const { examples, index, durationMs } = facts;
  return `Indexed ${examples} examples (${index}) in ${durationMs} ms.${describeEstimate(facts)}\n`;
}

function describeEstimate(facts: {
  estimate: Tuning['estimate'] | null;
  isEstimateOfThese: boolean;
}): string {
  if (facts.estimate === null) return '';
  const share = `${(facts.estimate.accuracy * 100).toFixed(1)} %`;
  return facts.isEstimateOfThese
    ? ` Held-out examples get their class in ${share}.`
    : ` The settings are of an earlier set much like it, whose held-out examples got their class in ${share}.`;
}
