import type { Fit } from '../../src/classifier/fit-in-worker.ts';
import type { FitRequest } from '../../src/classifier/fit-worker.ts';
import { trainHead } from '../../src/classifier/train-head.ts';

interface ScriptedFit {
  readonly request: FitRequest;
  readonly isCancelled: boolean;
  /** Ends it with the head that the request asks for. */
  finish(): void;
  fail(message: string): void;
}

/** Stands in for the thread: fits start, and end when the test says so. */
export function createScriptedFits() {
  const started: ScriptedFit[] = [];

  const startFit = (request: FitRequest): Fit => {
    let isCancelled = false;
    let finish = (): void => {};
    let fail = (_message: string): void => {};
    const head = new Promise<ReturnType<typeof trainHead>>((resolve, reject) => {
      finish = () => resolve(trainHead(request.inputs, request.settings));
      fail = (message) => reject(new Error(message));
    });
    started.push({
      request,
      get isCancelled() {
        return isCancelled;
      },
      finish,
      fail,
    });
    return {
      head,
      cancel: async () => {
        isCancelled = true;
        fail('cancelled');
      },
    };
  };

  return { startFit, started };
}
