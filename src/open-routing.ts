import { join } from 'node:path';
import { createFitLane } from './classifier/fit-lane.ts';
import type { Clock } from './clock.ts';
import { type Catalogue, createCatalogue } from './config/catalogue.ts';
import type { Config } from './config/load.ts';
import type { Embedder } from './embedding/embedder.ts';
import { createExampleStore, type ExampleStore } from './examples/example-store.ts';
import { findGaps } from './examples/find-gaps.ts';
import { openJournal, readJournal } from './examples/journal.ts';
import type { IndexParts } from './index/build-index.ts';
import { loadHnswLibrary } from './index/hnsw-index.ts';
import { createLiveExamples, type LiveExamples } from './index/live-examples.ts';
import { openVectorStore } from './index/vector-store.ts';
import { openEmbedder, openModel } from './open-embedder.ts';
import { type FirstTier, openFirstTier } from './open-first-tier.ts';
import { headFiles, openHead } from './open-head.ts';
import { createDecider, type Decider } from './routing/decider.ts';
import { createClassifier } from './routing/posterior.ts';
import { createAudit } from './routing/tiers/audit.ts';
import type { Tier } from './routing/tiers/tier.ts';
import { createTransformerTier } from './routing/tiers/transformer-tier.ts';
import { type EmbeddingObserver, watchQueue } from './telemetry/embedding-observer.ts';
import type { Loggers } from './telemetry/log.ts';
import type { TierObserver } from './telemetry/tier-observer.ts';
import { toDecisionSettings } from './tuning/decision-settings.ts';
import { readTuning, type Tuning, type TuningTarget } from './tuning/tuning.ts';

export interface OpenOptions {
  readonly config: Config;
  /** Where models are kept unless the configuration says otherwise. */
  readonly modelsDir: string;
  /** What the encoder made of the examples that ship. */
  readonly shippedVectors?: string | undefined;
  /** True for the one process that may write to the data directory. */
  readonly isOwner: boolean;
  readonly clock: Clock;
  readonly loggers: Loggers;
  readonly onProgress: (message: string) => void;
  /** Told of what the embedder does. */
  readonly embeddingObserver?: EmbeddingObserver;
  /** Told of what the tiers decide; only then is the first one audited. */
  readonly tierObserver?: TierObserver;
}

/** Everything that a decision needs, without the proxy around it. */
export interface Routing {
  readonly catalogue: Catalogue;
  readonly decider: Decider;
  readonly embedder: Embedder;
  readonly examples: LiveExamples;
  readonly indexDir: string;
  close(): Promise<void>;
}

/** The examples as the datasets and the journal have them, and the journal's file to be closed. */
export function openStore({ config, clock, isOwner }: OpenOptions): {
  store: ExampleStore;
  close: () => void;
} {
  const path = join(config.dataDir, 'examples.journal.jsonl');
  const journal = isOwner ? openJournal(path) : readJournal(path);
  try {
    const store = createExampleStore({
      directory: config.examples.directory,
      conversations: config.examples.conversations,
      maxCharacters: config.examples.maxCharacters,
      classNames: new Set(Object.keys(config.classes)),
      journal,
      clock,
    });
    return { store, close: journal.close };
  } catch (error) {
    journal.close();
    throw error;
  }
}

/** What the index is made with, over an embedder; the vectors' file is to be closed. */
export async function openIndexParts(
  options: OpenOptions,
  embedder: Embedder,
): Promise<{ parts: Omit<IndexParts, 'examples' | 'exampleSetHash'>; close: () => void }> {
  const { config, clock, isOwner, onProgress } = options;
  const logger = options.loggers.index;
  const { encoder } = embedder;
  const library = await loadHnswLibrary();
  if (library === undefined) {
    logger.warn('hnswlib-node is not installed: the exact scan serves, slower with many examples');
  }
  const path = join(config.dataDir, 'vectors', `${encoder.hash.slice(0, 16)}.bin`);
  const shippedPath = options.shippedVectors;
  const vectors = openVectorStore({ path, shippedPath, encoder, isOwner });
  if (vectors.unwritable !== undefined) {
    logger.warn({ path, reason: vectors.unwritable }, 'new vectors are kept in memory only');
  }
  const parts = {
    embedder,
    vectors,
    library,
    indexDir: join(config.dataDir, 'index'),
    clock,
    onProgress: (done: number, total: number) =>
      onProgress(`Embedding examples: ${done} of ${total}`),
  };
  return { parts, close: vectors.close };
}

/** Where `switchyard index build` keeps what it tuned for the examples of this data directory. */
export function tuningPath({ dataDir }: Pick<Config, 'dataDir'>): string {
  return join(dataDir, 'tuning.json');
}

/** What was tuned for these examples, else for those that ship; where neither fits, why not. */
export function findTuning(
  config: Config,
  target: TuningTarget,
  exampleSetHash: string,
): { readonly tuning: Tuning | undefined; readonly reasons: readonly string[] } {
  const shipped = config.examples.tuning;
  const places = [tuningPath(config), ...(shipped === undefined ? [] : [shipped])];
  const found = places.map((path) => readTuning(path, target));
  const tunings = found.flatMap((each) => (each.kind === 'tuning' ? [each.tuning] : []));
  const exact = tunings.find((tuning) => tuning.exampleSetHash === exampleSetHash);
  const reasons = found.flatMap((each) => (each.kind === 'none' ? [each.reason] : []));
  return { tuning: exact ?? tunings[0], reasons };
}

/** Whether its thresholds are for what is wanted of decisions. */
export function isTunedFor(
  tuning: Pick<Tuning, 'targetPrecision' | 'outOfScopeShare'>,
  routing: Pick<Config['routing'], 'targetPrecision' | 'outOfScopeShare'>,
): boolean {
  return (
    tuning.targetPrecision === routing.targetPrecision &&
    tuning.outOfScopeShare === routing.outOfScopeShare
  );
}

/** Opens everything, building what is missing. Rejects with the error of the first part that can't be opened. */
export async function openRouting(options: OpenOptions): Promise<Routing> {
  const { config, clock, onProgress } = options;
  const logger = options.loggers.index;
  const closers: (() => unknown)[] = [];
  const close = async (): Promise<void> => {
    for (const closePart of closers.splice(0).reverse()) await closePart();
  };
  try {
    const catalogue = createCatalogue(config);
    const opened = openStore(options);
    closers.push(opened.close);
    const model = await openModel(options);
    const load = watchQueue(options.embeddingObserver);
    const embedder = await openEmbedder({ ...options, embeddingObserver: load.observer }, model);
    closers.push(() => embedder.close());
    const { parts, close: closeVectors } = await openIndexParts(options, embedder);
    closers.push(closeVectors);
    const { live, how } = await createLiveExamples(opened.store, parts);
    onProgress(`Index of ${live.size} examples (${live.indexKind}): ${how}`);

    const { encoder } = embedder;
    const classNames = [...catalogue.classes.keys()];
    for (const gap of findGaps(live.list(), classNames)) logger.warn(gap);
    const readSettings = () => {
      const target = { encoderHash: encoder.hash, classNames };
      const { tuning, reasons } = findTuning(config, target, live.hash);
      if (tuning === undefined) {
        logger.warn({ reasons }, 'nothing is tuned for these examples: run switchyard index build');
      } else if (tuning.exampleSetHash !== live.hash) {
        const tunedOn = tuning.examples;
        logger.info({ tunedOn }, 'the examples have changed since they were tuned');
      }
      if (tuning !== undefined && !isTunedFor(tuning, config.routing)) {
        const why = 'routing.targetPrecision or routing.outOfScopeShare has changed';
        logger.warn(`the thresholds are of before, as ${why}: run switchyard index build`);
      }
      return toDecisionSettings(config, tuning);
    };
    let settings = readSettings();
    const startFit = createFitLane();
    const head = await openHead(options, live, {
      file: headFiles.transformer,
      encoder,
      training: () => settings.training,
      startFit,
    });
    closers.push(() => head.close());

    const { defaultClass } = config.routing;
    const { deadlineMs, firstTierAudit: share } = config.embedding;
    let lastTier: Tier;
    let assembled: Decider;
    let firstTier: FirstTier | undefined;
    const { tierObserver: observer } = options;
    const audit =
      observer &&
      createAudit({ ...load, share, random: Math.random, tier: () => lastTier, observer, clock });
    closers.push(() => audit?.close());
    const assemble = (): void => {
      const classifier = createClassifier({ classNames, ...settings.posterior }, head.current);
      lastTier = createTransformerTier({
        ...settings,
        embedder,
        examples: live,
        classifier,
        deadlineMs,
      });
      const first = firstTier?.assemble(settings.firstTier, classNames);
      assembled = createDecider({
        tiers: first === undefined ? [lastTier] : [first, lastTier],
        examples: live,
        rules: { ...settings, defaultClass },
        clock,
        observer,
        audit,
      });
    };
    assemble();
    live.onChange(() => {
      settings = readSettings();
      assemble();
      head.refitSoon();
      firstTier?.refitSoon();
    });
    if (config.embedding.firstTier) {
      firstTier = await openFirstTier(options, {
        model,
        examples: live,
        settings: () => settings.firstTier,
        startFit,
        onReady: assemble,
      });
      closers.push(() => firstTier?.close());
      assemble();
    }
    const decider: Decider = {
      decide: (conversation, how) => assembled.decide(conversation, how),
      force: (className) => assembled.force(className),
    };
    return { catalogue, decider, embedder, examples: live, indexDir: parts.indexDir, close };
  } catch (error) {
    await close();
    throw error;
  }
}
