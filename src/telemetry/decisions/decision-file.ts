import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { openForReading } from './open-database.ts';
import { getDecision, listDecisions } from './read-decisions.ts';
import type { DecisionPage, DecisionQuery, StoredDecision } from './stored-decision.ts';

/** Where a data directory keeps its decisions. */
export function decisionFile(dataDir: string): string {
  return join(dataDir, 'decisions.db');
}

/** The store as a file, for one who reads it while nobody serves. */
export interface DecisionReader {
  list(query: DecisionQuery): DecisionPage;
  get(id: string): StoredDecision | undefined;
  close(): void;
}

/** Undefined when nothing has been kept yet. Throws NewerStoreError, and what the disk says. */
export function readDecisionFile(path: string): DecisionReader | undefined {
  if (!existsSync(path)) return undefined;
  const database = openForReading(path);
  return {
    list: (query) => listDecisions(database, query),
    get: (id) => getDecision(database, id),
    close: () => void database.close(),
  };
}
