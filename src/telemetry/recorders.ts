import type { Recorder } from './request-record.ts';

/** One that tells all of them, in this order. */
export function createRecorders(recorders: readonly Recorder[]): Recorder {
  return {
    record(request) {
      for (const recorder of recorders) recorder.record(request);
    },
  };
}
