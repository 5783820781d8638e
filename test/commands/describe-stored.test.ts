import { describe, expect, it } from 'vitest';
import { describeSummaries } from '../../src/commands/describe-stored.ts';
import { listDecisions } from '../../src/telemetry/decisions/read-decisions.ts';
import type { RequestRecord } from '../../src/telemetry/request-record.ts';
import { databaseOf } from '../telemetry/decisions/database-of.ts';

function rowOf(fields: Partial<RequestRecord>): string | undefined {
  const { decisions } = listDecisions(databaseOf(fields), { limit: 1 });
  return describeSummaries(decisions).split('\n')[1];
}

describe('a list of decisions', () => {
  it.each<[Partial<RequestRecord>, string]>([
    [{}, 'coding  0.80  gpt'],
    [{ servedClass: 'chat' }, 'coding → chat  0.80  gpt'],
    [{ abstained: 'low-confidence' }, 'coding ?  0.80  gpt'],
    [{ servedClass: undefined, model: undefined }, 'coding  0.80  –'],
    [{ className: undefined, servedClass: undefined, confidence: undefined }, '–      –     gpt'],
  ])('has the decided class beside its confidence, then the one that served: %o', (fields, row) => {
    expect(rowOf(fields)).toContain(row);
  });
});
