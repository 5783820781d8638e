import { join } from 'node:path';
import type { Database } from 'libsql';
import { onTestFinished } from 'vitest';
import { openDatabase } from '../../../src/telemetry/decisions/open-database.ts';
import { createWriter } from '../../../src/telemetry/decisions/write-decisions.ts';
import type { RequestRecord } from '../../../src/telemetry/request-record.ts';
import { makeTempDirectory } from '../../support/temp-directory.ts';
import { makeRequest } from './make-request.ts';
import { defaultSettings } from './open-store.ts';

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
  const made = requests.map((fields, position) => {
    const { text, ...rest } = makeRequest({
      decisionId: `dec_${position}`,
      atMs: startMs + position,
      ...fields,
    });
    return { json: JSON.stringify(rest), text };
  });
  createWriter(database, defaultSettings)(made);
}
