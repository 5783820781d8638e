// The entry of the thread that owns the database. Start it with spawnWorker.
import { parentPort, workerData } from 'node:worker_threads';
import type { Database } from 'libsql';
import { isRaised } from '../../stop-flag.ts';
import { explain, isCorrupt, NewerStoreError } from './database-errors.ts';
import { writeFeedback } from './feedback.ts';
import { openDatabase } from './open-database.ts';
import { getDecision, listDecisions } from './read-decisions.ts';
import { readMeasured } from './read-measured.ts';
import { createTidy } from './retention.ts';
import type {
  Opening,
  StoreCall,
  StoreCalls,
  StoreReply,
  StoreThreadStart,
} from './store-protocol.ts';
import { createWriter } from './write-decisions.ts';

const start = workerData as StoreThreadStart;

function createCalls(database: Database, count: number): StoreCalls {
  const rows = { count };
  const write = createWriter(database, start.settings);
  return {
    write(requests) {
      const written = write(requests);
      rows.count += written;
      return written;
    },
    list: (query) => listDecisions(database, query),
    get: (id) => getDecision(database, id),
    measured: (time) => readMeasured(database, time),
    addFeedback: (feedback, nowMs) => writeFeedback(database, feedback, nowMs),
    tidy: createTidy(database, start.settings, rows),
    close() {
      database.close();
      parentPort?.unref();
    },
  };
}

function answer(calls: StoreCalls, { call, name, parameters }: StoreCall): StoreReply {
  try {
    const run = calls[name] as (...given: readonly unknown[]) => unknown;
    return { call, result: run(...parameters) };
  } catch (error) {
    // Ends the thread; its successor looks the file over.
    if (isCorrupt(error)) throw error;
    return { call, error: explain(error) };
  }
}

function open(): Opening {
  try {
    const { database, rows, movedTo } = openDatabase(start.path, start);
    const calls = createCalls(database, rows);
    parentPort?.on('message', (call: StoreCall | undefined) => {
      if (isRaised(start.ending)) parentPort?.close();
      else if (call !== undefined) parentPort?.postMessage(answer(calls, call));
    });
    return { kind: 'opened', movedTo };
  } catch (error) {
    if (error instanceof NewerStoreError) return { kind: 'newer', ...error.versions };
    return { kind: 'failed', reason: explain(error) };
  }
}

parentPort?.postMessage(open());
