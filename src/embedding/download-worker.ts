// The entry of a worker thread. Start it with spawnWorker. transformers.js fetches what a model needs by loading it.
import { parentPort, workerData } from 'node:worker_threads';
import { AutoModel, AutoTokenizer, env, LogLevel, type ProgressInfo } from '@xenova/transformers';
import type { DownloadSettings } from './download-model.ts';

const { modelsDir, modelId, hub } = workerData as DownloadSettings;
env.localModelPath = modelsDir;
env.cacheDir = modelsDir;
env.remoteHost = hub;
env.logLevel = LogLevel.NONE;

let lastMessage = '';
function report(progress: ProgressInfo): void {
  if (progress.status !== 'progress') return;
  const message = `Downloading ${modelId}/${progress.file}: ${Math.floor(progress.progress)} %`;
  if (message !== lastMessage) parentPort?.postMessage(message);
  lastMessage = message;
}

await AutoTokenizer.from_pretrained(modelId, { progress_callback: report });
const network = await AutoModel.from_pretrained(modelId, {
  dtype: 'q8',
  device: 'cpu',
  progress_callback: report,
});
await network.dispose();
