import type { Clock } from '../../clock.ts';
import type { DecisionsConfig } from '../../config/schema.ts';
import type { Logger } from '../log.ts';
import { NewerStoreError } from './database-errors.ts';
import { type StartedThread, type StoreThread, startStoreThread } from './store-thread.ts';

/** How often a thread that died has a successor, in the life of the process. */
const maxRestarts = 3;

/** The store's thread, started again a few times when it dies. */
export interface SupervisedStore extends StoreThread {
  /** From now on its end is no accident. */
  expectEnd(): void;
}

export interface StoreOptions {
  readonly path: string;
  readonly settings: DecisionsConfig;
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'info' | 'warn' | 'error'>;
  /** Stands in for the real thread where a test makes it fail. */
  readonly startThread?: typeof startStoreThread;
}

/** Rejects with NewerStoreError; whatever else is wrong with the file only makes every call reject. */
export async function superviseStore(options: StoreOptions): Promise<SupervisedStore> {
  const { path, settings, clock, logger, startThread = startStoreThread } = options;
  let restarts = 0;
  let isEnding = false;

  async function start(isSuspect: boolean): Promise<StartedThread> {
    const started = await startThread({ path, settings, isSuspect, nowMs: clock.now() }, onExit);
    if ('thread' in started) {
      const { movedTo } = started;
      if (movedTo !== undefined) {
        logger.error({ path, movedTo }, 'the decision store was corrupt: it was moved aside');
      }
    } else if (started.kind === 'failed') {
      const { reason } = started;
      logger.error({ path, reason }, 'the decision store is not available: no decision is kept');
    }
    return started;
  }

  function onExit(reason: string): void {
    if (isEnding) return;
    if (restarts === maxRestarts) {
      logger.error({ reason }, 'the decision store has died too often: no decision is kept');
      current = Promise.resolve({ kind: 'failed', reason });
      return;
    }
    restarts += 1;
    logger.error(
      { reason, restarts },
      'the thread of the decision store has died: starting another',
    );
    current = start(true);
  }

  let current = start(false);
  const first = await current;
  if ('kind' in first && first.kind === 'newer') throw new NewerStoreError(path, first);

  return {
    async call(name, ...parameters) {
      const started = await current;
      if ('thread' in started) return started.thread.call(name, ...parameters);
      throw new Error(
        started.kind === 'failed' ? started.reason : 'its file is of a newer version',
      );
    },
    async end() {
      isEnding = true;
      const started = await current;
      if ('thread' in started) await started.thread.end();
    },
    expectEnd() {
      isEnding = true;
    },
  };
}
