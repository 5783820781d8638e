import { createEmbedder } from './embedding/create-embedder.ts';
import { downloadModel } from './embedding/download-model.ts';
import type { Embedder } from './embedding/embedder.ts';
import { ensureModel, type ReadyModel } from './embedding/model-files.ts';
import type { OpenOptions } from './open-routing.ts';

/** The configured model on disk, where it is built or downloaded first when it is missing. */
export async function openModel(options: OpenOptions): Promise<ReadyModel> {
  const { config, onProgress } = options;
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
  return model;
}

/** An embedder with a warm model. */
export async function openEmbedder(options: OpenOptions, model: ReadyModel): Promise<Embedder> {
  const { config, clock, loggers, onProgress } = options;
  const { workers, cacheBytes } = config.embedding;
  return createEmbedder({
    model,
    workers,
    cacheBytes,
    clock,
    logger: loggers.embedding,
    observer: options.embeddingObserver,
    onProgress,
  });
}
