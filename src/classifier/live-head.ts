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
  /** Whether it was fitted on the examples that are in force now. */
  isUpToDate(): boolean;
  /** The examples have changed. */
  refitSoon(): void;
  /** Cancels a fit that is under way; nothing is pending when it resolves. */
  close(): Promise<void>;
}

export interface LiveHeadOptions {
  readonly path: string;
  /** As of now. */
  readonly provenance: () => Provenance;
  readonly inputs: () => Promise<LabelledInput[]>;
  /** Names of the classes that have examples now. */
  readonly classNames: () => readonly string[];
  /** A stored head of an earlier set serves until one of this set is fitted, in the background; else the fit is awaited. */
  readonly mayBeBehind: boolean;
  readonly clock: Clock;
  readonly logger: {
    info(details: object, message: string): void;
    warn(details: object, message: string): void;
  };
  readonly onProgress: (message: string) => void;
  /** Stands in for the thread in tests. */
  readonly startFit?: (request: FitRequest) => Fit;
}

/** Opens the stored head, or fits one when there is none that can serve. */
export async function openLiveHead(options: LiveHeadOptions): Promise<LiveHead> {
  const { path, clock, logger, startFit = fitInWorker } = options;
  let timer: Timer | undefined;
  let running: Fit | undefined;
  /** Under way from the reading of the inputs to the last fit; two at once would hide each other from close. */
  let refitting: Promise<void> | undefined;
  let isStale = false;
  let isClosed = false;
  let head: LinearHead | undefined;
  /** The hash of the examples that it was fitted on; undefined where they are earlier ones. */
  let fittedOn: string | undefined;

  /** Without a stored head the next start only fits again. */
  const keep = (fitted: LinearHead, provenance: Provenance): void => {
    try {
      saveHead(path, fitted, provenance);
    } catch (error) {
      logger.warn({ reason: messageOf(error) }, 'the head could not be stored');
    }
  };

  const fitNow = async (provenance: Provenance): Promise<LinearHead | undefined> => {
    const inputs = await options.inputs();
    if (isClosed) return head;
    if (new Set(inputs.map(({ className }) => className)).size < 2) return undefined;
    options.onProgress('Fitting the classifier');
    running = startFit({ inputs, settings: provenance.settings });
    try {
      const fitted = await running.head;
      keep(fitted, provenance);
      return fitted;
    } finally {
      running = undefined;
    }
  };

  const refit = async (): Promise<void> => {
    timer = undefined;
    while (isStale && !isClosed) {
      isStale = false;
      try {
        const provenance = options.provenance();
        // Another process may have fitted the same examples already.
        const stored = loadHead(path, provenance);
        head = stored?.isOfTheseExamples === true ? stored.head : await fitNow(provenance);
        fittedOn = provenance.exampleSetHash;
        logger.info({ classes: head?.classNames.length }, 'the classifier follows the examples');
      } catch (error) {
        const details = { reason: messageOf(error) };
        if (!isClosed) logger.warn(details, 'the old head stays: the fit failed');
      }
    }
    refitting = undefined;
  };

  const refitSoon = (): void => {
    isStale = true;
    if (timer === undefined && refitting === undefined && !isClosed) {
      timer = clock.setTimer(settleMs, () => {
        refitting = refit();
      });
    }
  };

  const provenance = options.provenance();
  const stored = loadHead(path, provenance);
  if (stored?.isOfTheseExamples === true) {
    head = stored.head;
    fittedOn = provenance.exampleSetHash;
  } else if (options.mayBeBehind && knows(stored?.head, options.classNames())) {
    logger.info({}, 'the classifier is of an earlier set of examples; it catches up');
    head = stored?.head;
    refitSoon();
  } else {
    head = await fitNow(provenance);
    fittedOn = provenance.exampleSetHash;
  }

  return {
    current: () => head,
    isUpToDate: () => fittedOn === options.provenance().exampleSetHash,
    refitSoon,
    async close() {
      isClosed = true;
      timer?.cancel();
      await running?.cancel();
      await refitting;
    },
  };
}

/** A class that it has never seen would be taken for impossible. */
function knows(head: LinearHead | undefined, classNames: readonly string[]): boolean {
  if (head === undefined) return false;
  return classNames.every((name) => head.classNames.includes(name));
}
