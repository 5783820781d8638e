import { type Fit, fitInWorker } from './fit-in-worker.ts';
import type { FitRequest } from './fit-worker.ts';

/** Starts one fit after the other, in the order in which they are asked for: each takes a processor for seconds. */
export function createFitLane(startFit = fitInWorker): (request: FitRequest) => Fit {
  let before: Promise<unknown> = Promise.resolve();
  return (request) => {
    let running: Fit | undefined;
    let giveUp = (): void => {};
    const cancelled = new Promise<never>((_resolve, reject) => {
      giveUp = () => reject(new Error('The fit was cancelled.'));
    });
    // Nobody may be waiting for it.
    cancelled.catch(() => {});
    const turn = Promise.race([before, cancelled]);
    const head = turn.then(() => {
      running = startFit(request);
      return running.head;
    });
    before = head.catch(() => {});
    return {
      head,
      async cancel() {
        giveUp();
        await running?.cancel();
      },
    };
  };
}
