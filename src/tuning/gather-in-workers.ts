import { once } from 'node:events';
import { spawnWorker } from '../spawn-worker.ts';
import type { Evidence, EvidenceRequest } from './gather-evidence.ts';

/** Threads at work at once. */
const width = 2;

/** The evidence of every request, in order; each is gathered in a thread of its own, two at a time. */
export async function gatherInWorkers(
  requests: readonly EvidenceRequest[],
  onDone: () => void,
): Promise<Evidence[][]> {
  const results: Evidence[][] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < requests.length) {
      const position = next;
      next += 1;
      results[position] = await gather(requests[position] as EvidenceRequest);
      onDone();
    }
  };
  await Promise.all(Array.from({ length: width }, work));
  return results;
}

async function gather(request: EvidenceRequest): Promise<Evidence[]> {
  const worker = spawnWorker(new URL('./evidence-worker.ts', import.meta.url), request);
  const [message] = await Promise.race([
    once(worker, 'message'),
    once(worker, 'exit').then((): never => {
      throw new Error('A fold ended without a result.');
    }),
  ]);
  return message;
}
