import type { Timer } from '../../clock.ts';
import { RouterError } from '../../errors.ts';
import { createDropReport } from '../drop-report.ts';
import { createGathering } from '../gathering.ts';
import type { Recorder, RequestRecord } from '../request-record.ts';
import { toQueuedRequest } from './queued-request.ts';
import type { MeasuredPage } from './read-measured.ts';
import type { StoreCalls } from './store-protocol.ts';
import type {
  DecisionPage,
  DecisionQuery,
  Feedback,
  StoredDecision,
  StoredFeedback,
} from './stored-decision.ts';
import { type StoreOptions, type SupervisedStore, superviseStore } from './supervised-store.ts';
import { createWriteQueue, defaultLimits, type QueueLimits } from './write-queue.ts';

/** What happened, kept in a file. Reading rejects with RouterError `not_ready` while the file can't be used. */
export interface DecisionStore extends Recorder {
  list(query: DecisionQuery): Promise<DecisionPage>;
  /** Undefined when there is no such decision, or no longer. */
  get(id: string): Promise<StoredDecision | undefined>;
  /** A page of what statistics count, newest first. */
  measured(...time: Parameters<StoreCalls['measured']>): Promise<MeasuredPage>;
  /** Undefined when there is no such decision. */
  addFeedback(feedback: Feedback): Promise<StoredFeedback | undefined>;
  stats(): DecisionStoreStats;
  /** Writes what is still waiting. */
  close(): Promise<void>;
}

/** How the writing goes. */
export interface DecisionStoreStats {
  /** Decisions that wait to be written. */
  readonly queued: number;
  readonly dropped: number;
  readonly written: number;
  /** How long the oldest that is not yet written has been waiting. */
  readonly lagMs: number;
}

const tidyEveryMs = 60_000;
/** A disk that hangs must not hang who asks, nor the end of the process. */
const patienceMs = 5_000;

/** Opens the store in a thread of its own. Rejects with NewerStoreError only: without a file, requests go on unrecorded. */
export async function openDecisionStore(
  options: StoreOptions & { readonly limits?: QueueLimits },
): Promise<DecisionStore> {
  const { settings, clock, logger, limits = defaultLimits } = options;
  const thread = await superviseStore(options);
  const report = createDropReport('decisions', clock, logger);
  const write = (requests: Parameters<StoreCalls['write']>[0]) => thread.call('write', requests);
  const queue = createWriteQueue({ write, report, clock, limits });
  const recorded = createGathering<RequestRecord>((requests) => {
    for (const request of requests) queue.add(toQueuedRequest(request, settings));
  }, clock);
  let tidying: Timer | undefined;
  let isClosed = false;

  async function tidy(): Promise<void> {
    try {
      while (!isClosed && (await thread.call('tidy', clock.now())));
    } catch {
      // Whatever keeps it from deleting keeps it from writing, which is reported.
    }
    if (!isClosed) tidying = clock.setTimer(tidyEveryMs, () => void tidy());
  }

  /** After everything that was recorded before. */
  const ask: SupervisedStore['call'] = async (name, ...parameters) => {
    recorded.flush();
    const answer = queue.flush().then(() => thread.call(name, ...parameters));
    try {
      return await within(answer);
    } catch (error) {
      const message = 'The decision store is not available; the log says why.';
      throw new RouterError('not_ready', message, { cause: error });
    }
  };

  function within<Result>(result: Promise<Result>): Promise<Result> {
    return new Promise((resolve, reject) => {
      const deadline = clock.setTimer(patienceMs, () => reject(new Error('It does not answer.')));
      result.then(resolve, reject).finally(() => deadline.cancel());
    });
  }

  void tidy();
  return {
    record: recorded.add,
    list: (query) => ask('list', query),
    get: (id) => ask('get', id),
    measured: (time) => ask('measured', time),
    addFeedback: (feedback) => ask('addFeedback', feedback, clock.now()),
    stats: () => ({
      queued: recorded.size + queue.queued,
      dropped: report.dropped,
      written: queue.written,
      lagMs: queue.lagMs,
    }),
    async close() {
      isClosed = true;
      thread.expectEnd();
      recorded.flush();
      await within(queue.flush().then(() => thread.call('close'))).catch(() => {});
      queue.close();
      tidying?.cancel();
      report.close();
      await thread.end();
    },
  };
}

/** Stands in where nothing is to be kept, or can't be. */
export function createAbsentStore(why: string): DecisionStore {
  const refuse = () => Promise.reject(new RouterError('not_ready', why));
  return {
    record: () => {},
    list: refuse,
    get: refuse,
    measured: refuse,
    addFeedback: refuse,
    stats: () => ({ queued: 0, dropped: 0, written: 0, lagMs: 0 }),
    close: async () => {},
  };
}
