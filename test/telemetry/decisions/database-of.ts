import { join } from 'node:path';
import type { Database } from 'libsql';
import { onTestFinished } from 'vitest';
import { openDatabase } from '../../../src/telemetry/decisions/open-database.ts';
import { toQueuedRequest } from '../../../src/telemetry/decisions/queued-request.ts';
import { countRows, createTidy } from '../../../src/telemetry/decisions/retention.ts';
import { createWriter } from '../../../src/telemetry/decisions/write-decisions.ts';
import type { RequestRecord } from '../../../src/telemetry/request-record.ts';
import { makeTempDirectory } from '../../support/temp-directory.ts';
import { defaultSettings } from './default-settings.ts';
import { makeRequest } from './make-request.ts';

export const startMs = 1_700_000_000_000;

/** A file with these requests, each a millisecond after the one before, without the thread around it. */
export function databaseOf(...requests: Partial<RequestRecord>[]): Database {
  const path = join(makeTempDirectory(), 'decisions.db');
  const { database } = openDatabase(path, { nowMs: startMs, isSuspect: false });
  onTestFinished(() => void database.close());
  insert(database, requests);
  return database;
}

export function insert(database: Database, requests: readonly Partial<RequestRecord>[]): void {
  const made = requests.map((fields, position) =>
    toQueuedRequest(
      makeRequest({ decisionId: `dec_${position}`, atMs: startMs + position, ...fields }),
      defaultSettings,
    ),
  );
  createWriter(database, defaultSettings)(made);
}

export function empty(database: Database): void {
  const settings = { retentionDays: 30, maxRows: 0 };
  const tidy = createTidy(database, settings, { count: countRows(database) });
  while (tidy(startMs));
}
