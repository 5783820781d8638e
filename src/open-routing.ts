import { join } from 'node:path';
import { type LiveHead, openLiveHead } from './classifier/live-head.ts';
import type { TrainingSettings } from './classifier/train-head.ts';
import type { Clock } from './clock.ts';
import { type Catalogue, createCatalogue } from './config/catalogue.ts';
import type { Config } from './config/load.ts';
import { createEmbedder } from './embedding/create-embedder.ts';
import { downloadModel } from './embedding/download-model.ts';
import type { Embedder } from './embedding/embedder.ts';
import { ensureModel } from './embedding/model-files.ts';
import { createExampleStore, type ExampleStore } from './examples/example-store.ts';
import { openJournal, readJournal } from './examples/journal.ts';
import type { IndexParts } from './index/build-index.ts';
import { loadHnswLibrary } from './index/hnsw-index.ts';
import { createLiveExamples, type LiveExamples } from './index/live-examples.ts';
import { openVectorStore } from './index/vector-store.ts';
import { createDecider, type Decider } from './routing/decider.ts';
import { createPosterior } from './routing/posterior.ts';
import type { Logger } from './telemetry/log.ts';

export interface OpenOptions {
  readonly config: Config;
  /** Where models are kept unless the configuration says otherwise. */
  readonly modelsDir: string;
  /** True for the one process that may write to the data directory. */
  readonly isOwner: boolean;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly onProgress: (message: string) => void;
}

/** Everything that a decision needs, without the proxy around it. */
export interface Routing {
  readonly catalogue: Catalogue;
  readonly decider: Decider;
  readonly examples: LiveExamples;
  readonly indexDir: string;
  close(): Promise<void>;
}

/** An embedder with a warm model, which is built first where it is missing. */
export async function openEmbedder(options: OpenOptions): Promise<Embedder> {
  const { config, clock, logger, onProgress } = options;
  const wanted = {
    modelsDir: config.modelsDir ?? options.modelsDir,
    modelId: config.embedding.model,
    allowDownload: config.embedding.allowDownload,
    onProgress,
  };
  let model = await ensureModel(wanted);
  if (model.kind === 'download') {
    await downloadModel({ model, onProgress });
    model = await ensureModel({ ...wanted, allowDownload: false });
  }
  if (model.kind === 'download') throw new Error('The model is missing after its download.');
  const { workers, cacheBytes } = config.embedding;
  return createEmbedder({ model, workers, cacheBytes, clock, logger, onProgress });
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
): Promise<{ parts: Omit<IndexParts, 'examples'>; close: () => void }> {
  const { config, clock, isOwner, logger, onProgress } = options;
  const { hash, dimensions, featureDimensions } = embedder.encoder;
  const library = await loadHnswLibrary();
  if (library === undefined) {
    logger.warn('hnswlib-node is not installed: the exact scan serves, slower with many examples');
  }
  const path = join(config.dataDir, 'vectors', `${hash.slice(0, 16)}.bin`);
  const vectors = openVectorStore({ path, dimensions, featureDimensions, isOwner });
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

/** The classifier's head for the examples in force, fitted first where none is stored. */
export function openHead(
  options: OpenOptions,
  live: LiveExamples,
  { encoder }: Embedder,
): Promise<LiveHead> {
  const { config, clock, logger, onProgress } = options;
  const settings = trainingSettings(config);
  return openLiveHead({
    path: join(config.dataDir, 'head.bin'),
    provenance: () => ({ encoderHash: encoder.hash, exampleSetHash: live.hash, settings }),
    inputs: live.inputs,
    clock,
    logger,
    onProgress,
  });
}

/** Opens everything, building what is missing. Rejects with the error of the first part that can't be opened. */
export async function openRouting(options: OpenOptions): Promise<Routing> {
  const { config, clock, onProgress } = options;
  const closers: (() => unknown)[] = [];
  const close = async (): Promise<void> => {
    for (const closePart of closers.splice(0).reverse()) await closePart();
  };
  try {
    const catalogue = createCatalogue(config);
    const opened = openStore(options);
    closers.push(opened.close);
    const embedder = await openEmbedder(options);
    closers.push(() => embedder.close());
    const { parts, close: closeVectors } = await openIndexParts(options, embedder);
    closers.push(closeVectors);
    const { live, how } = await createLiveExamples(opened.store, parts);
    onProgress(`Index of ${live.size} examples (${live.indexKind}): ${how}`);

    const head = await openHead(options, live, embedder);
    closers.push(() => head.close());
    live.onChange(() => head.refitSoon());

    const { neighbours, sharpness, threshold, defaultClass, classifier } = config.routing;
    const classNames = [...catalogue.classes.keys()];
    const decider = createDecider({
      embedder,
      examples: live,
      classify: createPosterior({ classNames, sharpness, ...classifier }, head.current),
      rules: {
        defaultClass,
        thresholdOf: (className) => catalogue.classes.get(className)?.threshold ?? threshold,
      },
      neighbours,
      deadlineMs: config.embedding.deadlineMs,
      clock,
    });
    return { catalogue, decider, examples: live, indexDir: parts.indexDir, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** How the head is fitted, from the configuration. */
export function trainingSettings(config: Config): TrainingSettings {
  const { denseScale, sparseScale, epochs, seed } = config.routing.classifier;
  return { scales: { dense: denseScale, sparse: sparseScale }, epochs, seed };
}
