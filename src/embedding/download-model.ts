import { once } from 'node:events';
import { messageOf } from '../errors.ts';
import { spawnWorker } from '../spawn-worker.ts';
import { ModelError } from './model-error.ts';
import type { AbsentModel } from './model-files.ts';

export interface DownloadSettings extends Pick<AbsentModel, 'modelId' | 'modelsDir'> {
  /** Base URL of the site that serves the files. */
  readonly hub: string;
}

export interface DownloadModelOptions {
  readonly model: AbsentModel;
  readonly hub?: string;
  readonly onProgress?: (message: string) => void;
}

/** Fetches a model's files into `modelsDir`, each complete or not at all. Call ensureModel again afterwards. */
export async function downloadModel(options: DownloadModelOptions): Promise<void> {
  const { model, hub = 'https://huggingface.co/', onProgress } = options;
  const { modelId, modelsDir } = model;
  const settings: DownloadSettings = { modelId, modelsDir, hub };
  const worker = spawnWorker(new URL('./download-worker.ts', import.meta.url), settings);
  worker.on('message', (message: string) => onProgress?.(message));
  try {
    await once(worker, 'exit');
  } catch (error) {
    throw new ModelError(
      `The model ${modelId} could not be downloaded from ${hub}: ${messageOf(error)}`,
    );
  }
}
