import type { Clock, Timer } from '../clock.ts';
import { messageOf } from '../errors.ts';
import { type Fit, fitInWorker } from './fit-in-worker.ts';
import type { FitRequest } from './fit-worker.ts';
import { loadHead, type Provenance, saveHead } from './head-file.ts';
import type { LinearHead } from './linear-head.ts';
import type { LabelledInput } from './train-head.ts';

/** Several examples are often added at once; one fit serves them all. */
const settleMs = 500;

/** The head in force. It follows the examples in the background: a new one replaces the old between two requests. */
export interface LiveHead {
  /** Undefined where there is nothing to tell apart: fewer than two classes with examples. */
  current(): LinearHead | undefined;
  /** The examples have changed. */
  refitSoon(): void;
  close(): Promise<void>;
}

export interface LiveHeadOptions {
  readonly path: string;
  /** As of now. */
  readonly provenance: () => Provenance;
  readonly inputs: () => Promise<LabelledInput[]>;
  readonly clock: Clock;
  readonly logger: { warn(details: object, message: string): void };
  readonly onProgress: (message: string) => void;
  /** Stands in for the thread in tests. */
  readonly startFit?: (request: FitRequest) => Fit;
}

/** Opens the stored head, or fits one when there is none for these examples. */
export async function openLiveHead(options: LiveHeadOptions): Promise<LiveHead> {
  const { path, clock, logger, startFit = fitInWorker } = options;
  let timer: Timer | undefined;
  let running: Fit | undefined;
  let isStale = false;
  let isRefitting = false;
  let isClosed = false;
  let head: LinearHead | undefined;

  /** Another process may have fitted the same examples already. */
  const openOrFit = async (): Promise<LinearHead | undefined> => {
    const provenance = options.provenance();
    const stored = loadHead(path, provenance);
    if (stored !== undefined) return stored;
    const inputs = await options.inputs();
    if (isClosed) return head;
    if (new Set(inputs.map(({ className }) => className)).size < 2) return undefined;
    options.onProgress('Fitting the classifier');
    running = startFit({ inputs, settings: provenance.settings });
    try {
      const fitted = await running.head;
      saveHead(path, fitted, provenance);
      return fitted;
    } finally {
      running = undefined;
    }
  };

  const refit = async (): Promise<void> => {
    timer = undefined;
    isRefitting = true;
    while (isStale && !isClosed) {
      isStale = false;
      try {
        head = await openOrFit();
      } catch (error) {
        const details = { reason: messageOf(error) };
        if (!isClosed) logger.warn(details, 'the old head stays: the fit failed');
      }
    }
    isRefitting = false;
  };

  head = await openOrFit();

  return {
    current: () => head,
    refitSoon() {
      isStale = true;
      if (timer === undefined && !isRefitting && !isClosed) {
        timer = clock.setTimer(settleMs, () => void refit());
      }
    },
    async close() {
      isClosed = true;
      timer?.cancel();
      await running?.cancel();
    },
  };
}
