// One place in the pool: a worker thread, or the pause before the next one.
import type { Clock, Timer } from '../clock.ts';
import type { EmbedderLogger, Embedding } from './embedder.ts';
import type { EmbeddingWorker, StartWorker, WorkerReply } from './worker-protocol.ts';

const firstRestartDelayMs = 100;
const maxRestartDelayMs = 30_000;
/** A worker that lived this long is not part of a crash loop. */
const stableAfterMs = 60_000;
const maxQuickFailures = 3;

export interface Job {
  readonly id: number;
  readonly text: string;
  isRetry: boolean;
  resolve(embedding: Embedding): void;
  reject(error: Error): void;
}

export interface WorkerSlot {
  isIdle(): boolean;
  /** False after several failures in a row, until a worker is ready again. */
  canServe(): boolean;
  /** Only while idle. */
  run(jobs: readonly Job[]): void;
  close(): Promise<void>;
}

export interface WorkerSlotOptions {
  readonly startWorker: StartWorker;
  readonly clock: Clock;
  readonly logger: EmbedderLogger | undefined;
  readonly onIdle: () => void;
  /** Jobs that the worker failed or took with it. */
  readonly onLost: (jobs: readonly Job[], reason: string) => void;
  readonly onExit: (reason: string) => void;
  readonly onRestart: () => void;
}

type State =
  | { readonly kind: 'starting'; readonly worker: EmbeddingWorker }
  | { readonly kind: 'idle'; readonly worker: EmbeddingWorker }
  | {
      readonly kind: 'busy';
      readonly worker: EmbeddingWorker;
      readonly unanswered: Map<number, Job>;
    }
  | { readonly kind: 'resting'; readonly timer: Timer }
  | { readonly kind: 'closed' };

/** Starts a worker at once and replaces it, after a growing pause, each time it dies. */
export function createWorkerSlot(options: WorkerSlotOptions): WorkerSlot {
  const { startWorker, clock, logger, onIdle, onLost, onExit, onRestart } = options;
  let failures = 0;
  let startedAtMs = 0;
  let state = start();

  function start(): State {
    startedAtMs = clock.now();
    return { kind: 'starting', worker: startWorker({ onReply: receive, onExit: replace }) };
  }

  function receive(reply: WorkerReply): void {
    if (reply.kind === 'ready') {
      if (state.kind !== 'starting') return;
      if (failures > 0) logger?.info({ failures }, 'embedding worker is back');
      state = { kind: 'idle', worker: state.worker };
      onIdle();
      return;
    }
    if (state.kind !== 'busy') return;
    const { worker, unanswered } = state;
    if (reply.kind === 'embedded') {
      for (const { id, ...embedding } of reply.results) {
        unanswered.get(id)?.resolve(embedding);
        unanswered.delete(id);
      }
    } else {
      const lost = reply.ids.flatMap((id) => unanswered.get(id) ?? []);
      for (const { id } of lost) unanswered.delete(id);
      logger?.warn({ reason: reply.reason, texts: lost.length }, 'embedding failed');
      onLost(lost, reply.reason);
    }
    if (unanswered.size > 0) return;
    state = { kind: 'idle', worker };
    onIdle();
  }

  function replace(reason: string): void {
    if (state.kind === 'closed') return;
    const lost = state.kind === 'busy' ? [...state.unanswered.values()] : [];
    const wasStable = clock.now() - startedAtMs >= stableAfterMs;
    failures = wasStable ? 1 : failures + 1;
    const restartInMs = Math.min(maxRestartDelayMs, firstRestartDelayMs * 2 ** (failures - 1));
    logger?.warn({ reason, failures, restartInMs, texts: lost.length }, 'embedding worker stopped');
    const timer = clock.setTimer(restartInMs, () => {
      state = start();
      onRestart();
    });
    state = { kind: 'resting', timer };
    onLost(lost, reason);
    onExit(reason);
  }

  return {
    isIdle: () => state.kind === 'idle',
    canServe: () => state.kind === 'idle' || state.kind === 'busy' || failures < maxQuickFailures,
    run(jobs) {
      if (state.kind !== 'idle') throw new Error('The worker is not idle.');
      const { worker } = state;
      state = {
        kind: 'busy',
        worker,
        unanswered: new Map(jobs.map((job) => [job.id, job])),
      };
      worker.embed(jobs.map(({ id, text }) => ({ id, text })));
    },
    async close() {
      const last = state;
      state = { kind: 'closed' };
      if (last.kind === 'resting') last.timer.cancel();
      if (last.kind === 'busy') onLost([...last.unanswered.values()], 'the embedder is closed');
      if ('worker' in last) await last.worker.stop();
    },
  };
}
