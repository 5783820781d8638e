import { messageOf } from '../errors.ts';
import { spawnWorker } from '../spawn-worker.ts';
import type { ReadyModel } from './model-files.ts';
import type {
  EmbeddingWorker,
  WorkerEvents,
  WorkerReply,
  WorkerRequest,
} from './worker-protocol.ts';

/** A real thread with the model in it, as the pool sees a worker. */
export function startEmbeddingThread(model: ReadyModel, events: WorkerEvents): EmbeddingWorker {
  const thread = spawnWorker(new URL('./embedding-worker.ts', import.meta.url), model);
  let reason: string | undefined;
  thread.on('message', (reply: WorkerReply) => events.onReply(reply));
  thread.on('error', (error) => {
    reason = messageOf(error);
  });
  const exited = new Promise<void>((resolve) => {
    thread.on('exit', (code) => {
      events.onExit(reason ?? `exit code ${code}`);
      resolve();
    });
  });

  function post(request: WorkerRequest): void {
    thread.postMessage(request);
  }

  return {
    embed: (texts) => post({ kind: 'embed', texts }),
    async stop() {
      post({ kind: 'stop' });
      await exited;
    },
  };
}
