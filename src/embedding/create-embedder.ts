import type { Clock } from '../clock.ts';
import type { EmbeddingObserver } from '../telemetry/embedding-observer.ts';
import { createCachedEmbedder } from './cached-embedder.ts';
import type { Embedder, EmbedderLogger } from './embedder.ts';
import { startEmbeddingThread } from './embedding-thread.ts';
import type { ReadyModel } from './model-files.ts';
import { createWorkerPool } from './worker-pool.ts';
import type { StartWorker } from './worker-protocol.ts';

export interface CreateEmbedderOptions {
  readonly model: ReadyModel;
  /** Threads, each with its own copy of the model. */
  readonly workers: number;
  readonly cacheBytes: number;
  readonly clock: Clock;
  readonly logger?: EmbedderLogger;
  readonly observer?: EmbeddingObserver | undefined;
  readonly onProgress?: (message: string) => void;
  /** Stands in for real threads where a test makes them fail. */
  readonly startWorker?: StartWorker;
}

/**
 * An embedder whose model is warm. Rejects with EmbedderError 'down', all threads ended, when no worker can load it.
 */
export async function createEmbedder(options: CreateEmbedderOptions): Promise<Embedder> {
  const { model, workers, cacheBytes, clock, logger, observer, onProgress } = options;
  const startWorker = options.startWorker ?? ((events) => startEmbeddingThread(model, events));
  const startedAtMs = clock.now();
  onProgress?.(`Loading ${model.modelId}`);
  const pool = createWorkerPool({ startWorker, workers, clock, logger, observer });
  let featureDimensions: number;
  try {
    // Only what the model gives tells whether there is a middle view.
    featureDimensions = (await pool.submit('Warm up.').result).features.length;
  } catch (error) {
    await pool.close();
    throw error;
  }
  onProgress?.(`${model.modelId} is warm after ${Math.round(clock.now() - startedAtMs)} ms`);

  const { modelId: id, encoderHash, dimensions, maxTokens } = model;
  const encoder = { id, hash: encoderHash, dimensions, featureDimensions, maxTokens };
  return createCachedEmbedder({ encoder, pool, cacheBytes, clock, observer });
}
