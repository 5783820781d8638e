import { describe, expect, it } from 'vitest';
import { describeSummaries } from '../../src/commands/describe-stored.ts';
import type { DecisionSummary } from '../../src/telemetry/decisions/stored-decision.ts';

const decision: DecisionSummary = {
  id: 'dec_1',
  at: '2026-01-02T03:04:05.000Z',
  class: 'coding',
  servedClass: 'coding',
  confidence: 0.92,
  basis: 'posterior',
  abstained: null,
  model: 'gpt',
  provider: 'open',
  outcome: 'ok',
  status: 200,
  protocol: 'chat',
  stream: false,
  attemptCount: 1,
  durationMs: 5,
  firstContentMs: null,
  inputTokens: 1,
  outputTokens: 2,
  costUsd: null,
  conversation: null,
  text: null,
  textHash: null,
};

const rowOf = (fields: Partial<DecisionSummary>) =>
  describeSummaries([{ ...decision, ...fields }]).split('\n')[1];

describe('a list of decisions', () => {
  it.each<[Partial<DecisionSummary>, string]>([
    [{}, 'coding  0.92  gpt'],
    [{ servedClass: 'chat' }, 'coding → chat  0.92  gpt'],
    [{ abstained: 'low-confidence' }, 'coding ?  0.92  gpt'],
    [{ servedClass: null, model: null }, 'coding  0.92  –'],
    [{ class: null, servedClass: null, confidence: null }, '–      –     gpt'],
  ])('has the decided class beside its confidence, then the one that served: %o', (fields, row) => {
    expect(rowOf(fields)).toContain(row);
  });
});
