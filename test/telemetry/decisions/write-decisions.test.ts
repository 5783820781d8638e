import { describe, expect, it } from 'vitest';
import { toQueuedRequest } from '../../../src/telemetry/decisions/queued-request.ts';
import { listDecisions } from '../../../src/telemetry/decisions/read-decisions.ts';
import { createWriter } from '../../../src/telemetry/decisions/write-decisions.ts';
import type { RequestRecord } from '../../../src/telemetry/request-record.ts';
import { databaseOf, startMs } from './database-of.ts';
import { defaultSettings } from './default-settings.ts';
import { makeRequest } from './make-request.ts';

function openWriter() {
  const database = databaseOf();
  const writer = createWriter(database, defaultSettings);
  const idsOf = (text?: string) =>
    listDecisions(database, { limit: 10, text }).decisions.map(({ id }) => id);
  const write = (...requests: Partial<RequestRecord>[]) =>
    writer(requests.map((fields) => toQueuedRequest(makeRequest(fields), defaultSettings)));
  return { database, write, idsOf };
}

describe('a batch of decisions', () => {
  it('has room for many of one millisecond', () => {
    const { write, idsOf } = openWriter();
    const atMs = startMs + 0.5;
    expect(
      write({ decisionId: 'a', atMs }, { decisionId: 'b', atMs }, { decisionId: 'c', atMs }),
    ).toBe(3);
    expect(write({ decisionId: 'd', atMs })).toBe(1);
    expect(idsOf()).toEqual(['d', 'c', 'b', 'a']);
  });

  it('leaves what is known as it is, whenever it is said to have been', () => {
    const { write, idsOf } = openWriter();
    write({ decisionId: 'a', atMs: startMs, text: 'first' });
    const again = { decisionId: 'a', text: 'again' };
    expect(write({ ...again, atMs: startMs }, { ...again, atMs: startMs + 5 })).toBe(0);
    expect(
      write({ ...again, atMs: startMs }, { decisionId: 'b', atMs: startMs, text: 'second' }),
    ).toBe(1);
    expect([idsOf('first'), idsOf('again'), idsOf('second')]).toEqual([['a'], [], ['b']]);
  });

  it('is found by the words of those that have any', () => {
    const { write, idsOf } = openWriter();
    write(
      { decisionId: 'a', text: undefined },
      { decisionId: 'b', text: '请修复 parser' },
      { decisionId: 'c', text: 'parser' },
    );
    expect(idsOf('parser')).toEqual(['c', 'b']);
    expect(idsOf('修')).toEqual(['b']);
  });

  it('is written whole or not at all', () => {
    const { database, write, idsOf } = openWriter();
    database.exec('DROP TABLE texts');
    expect(() => write({ decisionId: 'a' }, { decisionId: 'b' })).toThrow(/texts/);
    expect(idsOf()).toEqual([]);
  });
});
