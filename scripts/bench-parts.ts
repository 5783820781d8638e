// What each part of a decision costs the event loop, by the length of the prompt, one after the other on one thread:
// npm run bench:parts [-- --rounds 5 --report parts.json]. The first tier, what the last tier does with the encoder's vectors
// but for the search (bench:search), the plan over the shipped configuration, and a body's JSON. After npm run build.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { trainHead } from '../src/classifier/train-head.ts';
import { systemClock } from '../src/clock.ts';
import { createCatalogue } from '../src/config/catalogue.ts';
import { loadConfig } from '../src/config/load.ts';
import { toStaticInput } from '../src/index/static-inputs.ts';
import { teach } from '../src/index/teach.ts';
import { openEmbedder, openModel } from '../src/open-embedder.ts';
import { findTuning, openIndexParts, openStore } from '../src/open-routing.ts';
import { startStopwatch } from '../src/routing/stopwatch.ts';
import { createLogger, createLoggers } from '../src/telemetry/log.ts';
import { toDecisionSettings } from '../src/tuning/decision-settings.ts';
import { median } from './bench/figures.ts';
import { supplyOfLength } from './growth/prompts-of-length.ts';
import { alignColumns, threeDigits } from './support/align-columns.ts';
import { readShippedExamples } from './support/example-set.ts';
import { importBuilt } from './support/import-built.ts';

const { readText } =
  await importBuilt<typeof import('../src/classifier/read-text.ts')>('classifier/read-text');
const { weighTurns } = await importBuilt<
  typeof import('../src/routing/conversation/weigh-turns.ts')
>('routing/conversation/weigh-turns');
const { estimateTokens } =
  await importBuilt<typeof import('../src/routing/estimate-tokens.ts')>('routing/estimate-tokens');
const { createPlan } = await importBuilt<typeof import('../src/routing/plan.ts')>('routing/plan');
const { createClassifier } =
  await importBuilt<typeof import('../src/routing/posterior.ts')>('routing/posterior');
const { createStaticTier } = await importBuilt<
  typeof import('../src/routing/tiers/static-tier.ts')
>('routing/tiers/static-tier');
const { ensureStaticEncoder } = await importBuilt<
  typeof import('../src/embedding/static/ensure-static-encoder.ts')
>('embedding/static/ensure-static-encoder');
const { chatRequestSchema } =
  await importBuilt<typeof import('../src/http/chat-door.ts')>('http/chat-door');
const { openModelSlot } =
  await importBuilt<typeof import('../src/upstream/splice-model.ts')>('upstream/splice-model');

const lengths = [40, 160, 1_000, 20_000];
const promptsPerRound = 500;

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    report: { type: 'string' },
  },
});

const dataDir = mkdtempSync(join(tmpdir(), 'switchyard-bench-parts-'));
try {
  const parts = await openParts();
  const rows = lengths.map((length) => measure(length, parts));
  const names = [...new Set(rows.flatMap(({ us }) => Object.keys(us)))];
  const cells = rows.map(({ characters, us }) => [
    `${characters} characters`,
    ...names.map((name) => threeDigits(us[name] ?? Number.NaN)),
  ]);
  process.stdout.write(`Microseconds a prompt, the median of ${values.rounds} rounds.\n`);
  process.stdout.write(alignColumns([['prompt', ...names], ...cells]));
  if (values.report !== undefined) writeFileSync(values.report, `${JSON.stringify(rows)}\n`);
} finally {
  rmSync(dataDir, { recursive: true });
}

/** Makes a prompt ready, which is not measured, for its run through a part. */
type Part = (prompt: string) => () => unknown;

interface Row {
  readonly characters: number;
  /** By part, in microseconds. */
  readonly us: Readonly<Record<string, number>>;
}

function measure(characters: number, parts: Readonly<Record<string, Part>>): Row {
  const supply = supplyOfLength(
    readShippedExamples().map(({ text }) => text),
    characters,
  );
  const us: Record<string, number> = {};
  for (const [name, part] of Object.entries(parts)) {
    const rounds: number[] = [];
    for (let round = 0; round <= Number(values.rounds); round += 1) {
      const runs = Array.from({ length: promptsPerRound }, () =>
        part(JSON.parse(`"${supply.next().toString()}"`)),
      );
      const startedAtMs = performance.now();
      for (const run of runs) run();
      const tookMs = performance.now() - startedAtMs;
      // The first round only warms up.
      if (round > 0) rounds.push((tookMs * 1_000) / promptsPerRound);
    }
    us[name] = median(rounds) ?? Number.NaN;
  }
  return { characters, us };
}

/** With heads that are fitted to the shipped examples as the router's are. */
async function openParts(): Promise<Record<string, Part>> {
  const environment = { SWITCHYARD_DATA_DIR: dataDir };
  const config = loadConfig({
    ...{ file: 'switchyard.yaml', environment, workingDirectory: process.cwd() },
  });
  const options = {
    config,
    isOwner: false,
    modelsDir: 'models',
    shippedVectors: 'datasets/vectors.bin',
    clock: systemClock,
    loggers: createLoggers(createLogger('warn'), {}),
    onProgress: (message: string) => process.stderr.write(`${message}\n`),
  };
  const model = await openModel(options);
  const embedder = await openEmbedder(options, model);
  const { parts, close } = await openIndexParts(options, embedder);
  const { store, close: closeStore } = openStore(options);
  const examples = store.list();
  const { inputs, lessons } = await teach(
    { examples, conversations: store.conversations() },
    { ...parts, onProgress: () => {} },
  );
  closeStore();
  close();
  await embedder.close();
  const encoder = await ensureStaticEncoder({ ...options, model });
  const classNames = Object.keys(config.classes);
  const target = { encoderHash: embedder.encoder.hash, classNames };
  const settings = toDecisionSettings(config, findTuning(config, target, store.hash()).tuning);
  if (encoder === undefined || settings.firstTier === undefined) {
    throw new Error('The first tier is not tuned: datasets/tuning.json is of another encoder.');
  }

  const taught = [...inputs, ...lessons];
  process.stderr.write('Fitting both heads\n');
  const lastHead = trainHead(taught, settings.training);
  const classifier = createClassifier({ classNames, ...settings.posterior }, () => lastHead);
  const read = taught.map((input) => toStaticInput(input, encoder));
  const firstHead = trainHead(read, settings.firstTier.training);
  const firstTier = createStaticTier({
    ...{ encoder, isUpToDate: () => true, sureFrom: settings.firstTier.sureFrom },
    classifier: createClassifier({ classNames, ...settings.firstTier.posterior }, () => firstHead),
  });

  const [features = new Float32Array(0)] = inputs[0]?.vectors ?? [];
  const [vector = features] = inputs.map((input) => input.vector);
  const embedding = { vector, features, tokens: 1, truncated: false };
  const neighbours = examples.slice(0, settings.neighbours).map(({ className }, position) => ({
    className,
    similarity: 1 / (position + 2),
  }));
  const catalogue = createCatalogue(config);
  const { maxAttempts } = config.routing;
  return {
    'first tier': (prompt) => () => {
      const asked = { ask: readText(prompt), earlier: [], reply: '' };
      return firstTier.weigh(asked, startStopwatch(systemClock));
    },
    'its reading': (prompt) => () => {
      const { views, sparse } = readText(prompt);
      return [views, sparse];
    },
    'last tier’s classifier': (prompt) => {
      const read = readText(prompt);
      const views = read.views.map(() => embedding);
      const how = { reply: '', classifier, search: () => neighbours };
      return () => weighTurns({ read, views }, [], how);
    },
    plan: (prompt) => () =>
      createPlan({
        ...{ catalogue, classes: classNames, maxAttempts },
        tokens: estimateTokens([prompt]),
      }),
    JSON: (prompt) => {
      const messages = [{ role: 'user', content: prompt }];
      const body = Buffer.from(JSON.stringify({ model: 'auto', messages }));
      return () => [
        chatRequestSchema.parse(JSON.parse(body.toString())),
        openModelSlot(body)('mock'),
      ];
    },
  };
}
