import { describe, expect, it } from 'vitest';
import { type RecordedAttempt, totalsOf } from '../../src/telemetry/request-record.ts';

const attempt: RecordedAttempt = {
  model: 'gpt',
  provider: 'open',
  startedAtMs: 0,
  durationMs: 1,
  outcome: 'ok',
};
const known = { ...attempt, costUsd: 0.5 };
const failed = { ...attempt, outcome: 'failed' } as const;

describe('the cost of a request', () => {
  it.each<[string, RecordedAttempt[], number | undefined]>([
    ['is unknown where nobody was asked', [], undefined],
    ['is the sum of what is known', [known, known], 1],
    ['is nothing for what failed before any content', [failed, known], 0.5],
    ['is unknown where an answer told no usage', [attempt], undefined],
    ['is unknown where one broke off', [{ ...failed, firstContentMs: 5 }], undefined],
    [
      'is unknown where its client left it',
      [{ ...attempt, outcome: 'client-gone', firstContentMs: 5 }],
      undefined,
    ],
    [
      'is known where one broke off that had told',
      [{ ...failed, firstContentMs: 5, costUsd: 0.25 }, known],
      0.75,
    ],
  ])('%s', (_what, attempts, costUsd) => {
    expect(totalsOf({ attempts }).costUsd).toBe(costUsd);
  });
});
