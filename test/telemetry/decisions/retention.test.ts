import { describe, expect, it } from 'vitest';
import { writeFeedback } from '../../../src/telemetry/decisions/feedback.ts';
import { countRows, createTidy } from '../../../src/telemetry/decisions/retention.ts';
import { databaseOf, insert, startMs } from './database-of.ts';
import { makeRequest } from './make-request.ts';
import { openStore } from './open-store.ts';

const dayMs = 86_400_000;

function countAll(database: ReturnType<typeof databaseOf>): Record<string, number> {
  const count = (sql: string) => (database.prepare(sql).all()[0] as { n: number }).n;
  return {
    decisions: count('SELECT count(*) AS n FROM decisions'),
    details: count('SELECT count(*) AS n FROM details'),
    feedback: count('SELECT count(*) AS n FROM feedback'),
    texts: count(`SELECT count(*) AS n FROM texts WHERE texts MATCH '"fix"'`),
  };
}

function tidyAll(
  database: ReturnType<typeof databaseOf>,
  settings: { days?: number; rows?: number },
  nowMs: number,
): number {
  const rows = { count: countRows(database) };
  const tidy = createTidy(
    database,
    { retentionDays: settings.days ?? 30, maxRows: settings.rows ?? 1_000_000 },
    rows,
  );
  let bites = 1;
  while (tidy(nowMs)) bites += 1;
  expect(rows.count).toBe(countRows(database));
  return bites;
}

describe('retention', () => {
  it('deletes what is too old, with its text, its index and its feedback', () => {
    const database = databaseOf({}, { atMs: startMs + 2 * dayMs });
    const said = { key: 'k', tags: [], score: 1 };
    writeFeedback(database, { decisionId: 'dec_0', ...said }, startMs);
    writeFeedback(database, { decisionId: 'dec_1', ...said }, startMs);
    tidyAll(database, { days: 1 }, startMs + 2 * dayMs);
    expect(countAll(database)).toEqual({ decisions: 1, details: 1, feedback: 1, texts: 1 });
  });

  it('deletes the oldest of what is too much, in small bites', () => {
    const database = databaseOf();
    insert(
      database,
      Array.from({ length: 1_800 }, () => ({})),
    );
    expect(tidyAll(database, { rows: 600 }, startMs)).toBe(4);
    expect(countAll(database)).toEqual({ decisions: 600, details: 600, feedback: 0, texts: 600 });
    const oldest = database.prepare('SELECT id FROM decisions ORDER BY seq LIMIT 1').all();
    expect(oldest).toEqual([{ id: 'dec_1200' }]);
  });

  it('does both when both are due', () => {
    const database = databaseOf();
    insert(
      database,
      Array.from({ length: 20 }, () => ({})),
    );
    tidyAll(database, { rows: 15, days: 1 }, startMs + dayMs + 10);
    expect(countRows(database)).toBe(10);
  });

  it('happens every minute, in the thread', async () => {
    const { store, clock } = await openStore({ settings: { maxRows: 2 } });
    for (let index = 0; index < 5; index += 1) {
      store.record(makeRequest({ decisionId: `dec_${index}`, atMs: startMs + index }));
    }
    expect((await store.list({ limit: 10 })).decisions).toHaveLength(5);
    clock.advance(60_000);
    expect((await store.list({ limit: 10 })).decisions.map(({ id }) => id)).toEqual([
      'dec_4',
      'dec_3',
    ]);
  });
});
