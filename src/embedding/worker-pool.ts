import type { Clock } from '../clock.ts';
import type { EmbeddingObserver } from '../telemetry/embedding-observer.ts';
import { EmbedderError, type EmbedderLogger, type Embedding } from './embedder.ts';
import type { StartWorker } from './worker-protocol.ts';
import { createWorkerSlot, type Job, type WorkerSlot } from './worker-slot.ts';

const maxBatchTexts = 16;
/** English runs at four to five characters a token, so this is about 512 tokens. */
const maxBatchCharacters = 2_048;

export interface PooledText {
  readonly result: Promise<Embedding>;
  /** Takes the text out of the queue, its result then never settles; false when a worker already has it. */
  cancel(): boolean;
}

export interface WorkerPool {
  /** Queues one text. The result rejects with EmbedderError 'down' when it can't be served. */
  submit(text: string): PooledText;
  /** Rejects whoever waits and ends all workers. */
  close(): Promise<void>;
}

export interface WorkerPoolOptions {
  readonly startWorker: StartWorker;
  readonly workers: number;
  readonly clock: Clock;
  readonly logger?: EmbedderLogger | undefined;
  readonly maxWaiting?: number;
  readonly observer?: EmbeddingObserver | undefined;
}

/** A queue in front of worker threads. What piles up while they are busy leaves in batches; nothing waits for a batch. */
export function createWorkerPool(options: WorkerPoolOptions): WorkerPool {
  const { startWorker, workers, clock, logger, observer, maxWaiting = 10_000 } = options;
  const waiting = new Set<Job>();
  // A text whose worker died travels alone: if it was the cause, it takes no others with it.
  const retries = new Set<Job>();
  let nextId = 0;
  let isDispatchDue = false;
  let isClosed = false;
  let closing: Promise<unknown> | undefined;

  const slots: WorkerSlot[] = Array.from({ length: workers }, () =>
    createWorkerSlot({
      startWorker,
      clock,
      logger,
      onIdle: dispatchSoon,
      onLost: retryOnce,
      onExit: giveUpIfDown,
      onRestart: () => observer?.restarted(),
    }),
  );

  // A microtask later, so that texts submitted together share a batch.
  function dispatchSoon(): void {
    if (isDispatchDue) return;
    isDispatchDue = true;
    queueMicrotask(() => {
      isDispatchDue = false;
      dispatch();
    });
  }

  function dispatch(): void {
    const idle = slots.filter((slot) => slot.isIdle());
    for (const [position, slot] of idle.entries()) {
      const batch = takeBatch(idle.length - position);
      if (batch.length === 0) break;
      observer?.batched(batch.length);
      slot.run(batch);
    }
    tellQueue();
  }

  function tellQueue(): void {
    observer?.queued(waiting.size + retries.size);
  }

  /** The oldest texts, up to a fair share when `idleWorkers` could start on them at once. */
  function takeBatch(idleWorkers: number): Job[] {
    for (const job of retries) {
      retries.delete(job);
      return [job];
    }
    const share = Math.min(maxBatchTexts, Math.ceil(waiting.size / idleWorkers));
    const batch: Job[] = [];
    let characters = 0;
    for (const job of waiting) {
      characters += job.text.length;
      if (batch.length === share || (batch.length > 0 && characters > maxBatchCharacters)) break;
      waiting.delete(job);
      batch.push(job);
    }
    return batch;
  }

  function retryOnce(jobs: readonly Job[], reason: string): void {
    for (const job of jobs) {
      if (isClosed || job.isRetry) {
        job.reject(new EmbedderError('down', `The text could not be embedded: ${reason}`));
      } else {
        job.isRetry = true;
        retries.add(job);
      }
    }
    dispatchSoon();
  }

  function giveUpIfDown(reason: string): void {
    if (slots.some((slot) => slot.canServe())) return;
    rejectWaiting(`No embedding worker can run: ${reason}`);
  }

  function rejectWaiting(message: string): void {
    for (const job of [...retries, ...waiting]) job.reject(new EmbedderError('down', message));
    retries.clear();
    waiting.clear();
    tellQueue();
  }

  function refusal(): string | undefined {
    if (isClosed) return 'The embedder is closed.';
    if (!slots.some((slot) => slot.canServe())) return 'No embedding worker can run.';
    if (waiting.size >= maxWaiting) return `More than ${maxWaiting} texts wait to be embedded.`;
    return undefined;
  }

  return {
    submit(text) {
      const message = refusal();
      if (message !== undefined) {
        return {
          result: Promise.reject(new EmbedderError('down', message)),
          cancel: () => false,
        };
      }
      let cancel = () => false;
      const queuedAtMs = clock.now();
      const result = new Promise<Embedding>((resolve, reject) => {
        const done = (embedding: Embedding): void => {
          observer?.embedded(clock.now() - queuedAtMs);
          resolve(embedding);
        };
        const job: Job = { id: nextId++, text, isRetry: false, resolve: done, reject };
        waiting.add(job);
        cancel = () => {
          const isTaken = waiting.delete(job) || retries.delete(job);
          tellQueue();
          return isTaken;
        };
      });
      dispatchSoon();
      return { result, cancel };
    },
    async close() {
      isClosed = true;
      rejectWaiting('The embedder is closed.');
      closing ??= Promise.all(slots.map((slot) => slot.close()));
      await closing;
    },
  };
}
