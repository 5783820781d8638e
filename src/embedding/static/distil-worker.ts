// The entry of a worker thread that encodes some pieces of the vocabulary, each for itself. Start it with spawnWorker.
import { parentPort, workerData } from 'node:worker_threads';
import { isRaised, type StopFlag } from '../../stop-flag.ts';
import type { ReadyModel } from '../model-files.ts';
import { loadSentenceEncoder } from '../sentence-encoder.ts';

export interface DistilRequest {
  readonly model: ReadyModel;
  /** Ids of pieces, batch by batch: what is in one batch rounds alike. */
  readonly batches: readonly (readonly number[])[];
  /** Once it is raised no further batch is begun. */
  readonly ending: StopFlag;
}

const { model, batches, ending } = workerData as DistilRequest;
const { dimensions } = model;
const { encode, tokenise } = await loadSentenceEncoder(model);
// A piece alone is worth much less: the encoder was trained with what opens and closes a text.
const frame = tokenise('').tokenIds;
const opening = frame.slice(0, 1);
const closing = frame.slice(1);
for (const batch of batches) {
  if (isRaised(ending)) break;
  const encoded = await encode(
    batch.map((id) => ({ tokenIds: [...opening, id, ...closing], truncated: false })),
  );
  const rows = new Float32Array(batch.length * dimensions);
  for (const [row, { vector }] of encoded.entries()) rows.set(vector, row * dimensions);
  parentPort?.postMessage(rows, [rows.buffer]);
}
