// The entry of a worker thread. Start it with spawnWorker.
import { parentPort, workerData } from 'node:worker_threads';
import { messageOf } from '../errors.ts';
import type { ReadyModel } from './model-files.ts';
import { isBatchInvariant, planSharedRuns, planSingleRuns } from './plan-runs.ts';
import { loadSentenceEncoder, type TokenisedText } from './sentence-encoder.ts';
import type { TextToEmbed, WorkerReply, WorkerRequest } from './worker-protocol.ts';

interface IdentifiedText extends TokenisedText {
  readonly id: number;
}

// Listening comes first, so that a stop during the start is heard.
parentPort?.on('message', (request: WorkerRequest) => {
  if (request.kind === 'stop') parentPort?.close();
  else void serve(request.texts);
});
const encoder = await loadSentenceEncoder(workerData as ReadyModel);
const plan = (await isBatchInvariant(encoder)) ? planSharedRuns : planSingleRuns;
reply({ kind: 'ready' });

function reply(message: WorkerReply): void {
  const results = message.kind === 'embedded' ? message.results : [];
  // A set: features that are the vector itself share its buffer, and none may be named twice.
  const buffers = new Set(
    results.flatMap(({ vector, features }) => [vector, features].map(bufferOf)),
  );
  parentPort?.postMessage(message, [...buffers]);
}

function bufferOf({ buffer }: Float32Array): ArrayBuffer {
  return buffer as ArrayBuffer;
}

async function serve(texts: readonly TextToEmbed[]): Promise<void> {
  const inputs: IdentifiedText[] = [];
  for (const { id, text } of texts) {
    try {
      inputs.push({ id, ...encoder.tokenise(text) });
    } catch (error) {
      reply({ kind: 'failed', ids: [id], reason: messageOf(error) });
    }
  }
  for (const group of plan(inputs)) {
    try {
      const embeddings = await encoder.encode(group);
      const results = group.flatMap(({ id }, i) => {
        const embedding = embeddings[i];
        return embedding === undefined ? [] : { id, ...embedding };
      });
      reply({ kind: 'embedded', results });
    } catch (error) {
      reply({ kind: 'failed', ids: group.map(({ id }) => id), reason: messageOf(error) });
    }
  }
}
