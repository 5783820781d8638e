import { once } from 'node:events';
import { spawnWorker } from '../spawn-worker.ts';
import type { FitRequest } from './fit-worker.ts';
import type { LinearHead } from './linear-head.ts';

export interface Fit {
  readonly head: Promise<LinearHead>;
  /** Ends the thread; `head` then rejects. */
  cancel(): Promise<void>;
}

/** Fits a head in a thread of its own, so that no request waits for it. */
export function fitInWorker(request: FitRequest): Fit {
  const worker = spawnWorker(new URL('./fit-worker.ts', import.meta.url), request);
  const head = Promise.race([
    once(worker, 'message').then(([message]): LinearHead => message),
    once(worker, 'exit').then((): never => {
      throw new Error('The fit ended without a result.');
    }),
  ]);
  return { head, cancel: async () => void (await worker.terminate()) };
}
