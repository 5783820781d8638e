import type { Clock, Timer } from '../../clock.ts';
import { messageOf } from '../../errors.ts';
import type { DropReport } from '../drop-report.ts';
import type { QueuedRequest } from './queued-request.ts';

export interface QueueLimits {
  /** Requests that wait at most, those being written included. */
  readonly maxQueued: number;
  /** Characters of all of them; long prompts fill the memory before their number does. */
  readonly maxCharacters: number;
}

export const defaultLimits: QueueLimits = { maxQueued: 10_000, maxCharacters: 64 * 1024 * 1024 };

const batchRows = 500;
/** What a kill loses; the index of words also grows by a part with every transaction, to be merged later. */
const batchEveryMs = 1_000;

export interface WriteQueue {
  readonly queued: number;
  readonly written: number;
  /** How long the oldest has been waiting. */
  readonly lagMs: number;
  add(request: QueuedRequest): void;
  /** Resolves when everything that was added before has been written or dropped. Never rejects. */
  flush(): Promise<void>;
  /** From now on everything is dropped. */
  close(): void;
}

interface Waiting {
  readonly request: QueuedRequest;
  readonly sinceMs: number;
}

/** Gathers requests and writes them in batches, one after the other. What does not fit is dropped, never waited for. */
export function createWriteQueue(options: {
  readonly write: (requests: readonly QueuedRequest[]) => Promise<unknown>;
  readonly report: DropReport;
  readonly clock: Clock;
  readonly limits: QueueLimits;
}): WriteQueue {
  const { write, report, clock, limits } = options;
  let waiting: Waiting[] = [];
  let batch: readonly Waiting[] = [];
  let characters = 0;
  let written = 0;
  /** Of everything that came in, and of what is done with. */
  const totals = { accepted: 0, settled: 0 };
  let writing: Promise<void> | undefined;
  let timer: Timer | undefined;
  let isClosed = false;

  async function writeBatch(): Promise<void> {
    timer?.cancel();
    timer = undefined;
    batch = waiting.slice(0, batchRows);
    waiting = waiting.slice(batchRows);
    const requests = batch.map(({ request }) => request);
    try {
      await write(requests);
      written += batch.length;
    } catch (error) {
      report.add(batch.length, messageOf(error));
    }
    for (const request of requests) characters -= sizeOf(request);
    totals.settled += batch.length;
    batch = [];
    writing = undefined;
    schedule();
  }

  function next(): Promise<void> {
    writing ??= writeBatch();
    return writing;
  }

  function onTime(): void {
    // Also where a batch is under way still: its end sets the next.
    timer = undefined;
    void next();
  }

  function schedule(): void {
    if (waiting.length >= batchRows) void next();
    else if (waiting.length > 0) timer ??= clock.setTimer(batchEveryMs, onTime);
  }

  return {
    get queued() {
      return waiting.length + batch.length;
    },
    get written() {
      return written;
    },
    get lagMs() {
      const oldest = batch[0] ?? waiting[0];
      return oldest === undefined ? 0 : clock.now() - oldest.sinceMs;
    },
    add(request) {
      if (isClosed) return report.add(1, 'the router is shutting down');
      const isFull = waiting.length + batch.length >= limits.maxQueued;
      if (isFull || characters + sizeOf(request) > limits.maxCharacters) {
        return report.add(1, 'the disk does not keep up');
      }
      characters += sizeOf(request);
      totals.accepted += 1;
      waiting.push({ request, sinceMs: clock.now() });
      schedule();
    },
    async flush() {
      const wanted = totals.accepted;
      while (totals.settled < wanted) await next();
    },
    close() {
      isClosed = true;
      timer?.cancel();
    },
  };
}

function sizeOf({ record, text, features }: QueuedRequest): number {
  return record.length + (text?.length ?? 0) + (features?.length ?? 0);
}
