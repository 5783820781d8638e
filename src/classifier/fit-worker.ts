// The entry of a worker thread that fits one head. Start it with spawnWorker.
import { parentPort, workerData } from 'node:worker_threads';
import { type LabelledInput, type TrainingSettings, trainHead } from './train-head.ts';

export interface FitRequest {
  readonly inputs: readonly LabelledInput[];
  readonly settings: TrainingSettings;
}

const { inputs, settings } = workerData as FitRequest;
parentPort?.postMessage(trainHead(inputs, settings));
