import { Worker } from 'node:worker_threads';

/**
 * Stands in for `src/spawn-worker.ts` in tests: the thread runs what the global set-up has just compiled from the
 * same source. Reading TypeScript anew in each of a few hundred threads takes half a second every time.
 */
export function spawnWorker(entry: URL, workerData: unknown): Worker {
  const built = entry.href.replace('/src/', '/dist/').replace(/\.ts$/, '.js');
  return new Worker(new URL(built), { workerData });
}
