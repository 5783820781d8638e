import { describe, expect, it } from 'vitest';
import { describeDecision } from '../../src/commands/describe-decision.ts';
import { describeStored, type ShownDecision } from '../../src/commands/describe-stored.ts';
import { makeRouted } from '../http/routed-fixture.ts';

const abstained = { kind: 'abstained', reason: 'low-confidence' } as const;
const before = (probability: number) => ({
  turns: 1,
  share: 0.8,
  prior: [{ className: 'coding', probability }],
});

describe('who is unsure in a conversation', () => {
  it.each([
    [0.9, 'stays with what came before'],
    [0.4, 'the default class'],
  ])('says why a class serves that had %d before: %s', (probability, why) => {
    const context = before(probability);
    const routed = makeRouted({ className: 'coding', basis: abstained, context });
    const { decision, candidates, timings } = routed;
    expect(describeDecision({ ...decision, candidates, timings })).toContain(`coding: ${why}`);

    const stored = {
      ...{ id: 'dec_1', at: '2026-01-01T00:00:00.000Z', outcome: 'ok', status: 200, text: null },
      ...{ class: 'coding', servedClass: 'coding', confidence: null, basis: 'abstained' },
      ...{ abstained: 'low-confidence', posterior: [], neighbours: [], candidates: [], context },
      ...{ attempts: [], feedback: [], timings, bundle: { ...decision.bundle, configHash: '' } },
      ...{ durationMs: 1, firstContentMs: null, inputTokens: 1, outputTokens: 1, costUsd: null },
      ...{ replayable: true },
    } as unknown as ShownDecision;
    expect(describeStored(stored)).toContain(`coding (${why}: low-confidence)`);
  });
});
