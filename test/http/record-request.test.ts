import type { Response } from 'express';
import { describe, expect, it } from 'vitest';
import { type FinishedRequest, toRequestRecord } from '../../src/http/record-request.ts';
import type { Attempt } from '../../src/upstream/attempt.ts';
import { makeTarget } from '../upstream/plan-fixture.ts';
import { makeRouted } from './routed-fixture.ts';

type Told = Pick<Attempt, 'model' | 'provider' | 'outcome' | 'isHedge'>;

const failed: Told = { model: 'gpt', provider: 'west', outcome: 'failed' };
const first: Told = { ...failed, outcome: 'ok' };
const outrun: Told = { ...failed, outcome: 'outrun' };
const sister: Told = { model: 'gpt', provider: 'east', outcome: 'ok' };
const other: Told = { model: 'claude', provider: 'west', outcome: 'ok' };

/** A request that was answered, after these attempts. */
function outcomeOf(...told: readonly Told[]) {
  return toRequestRecord(finishedBy(told)).outcome;
}

function finishedBy(told: readonly Told[]): FinishedRequest {
  const at = { className: undefined, startedAtMs: 0, durationMs: 1 };
  const attempts = told.map((each) => ({ ...at, ...each }));
  return {
    protocol: 'chat',
    question: {
      model: 'auto',
      stream: false,
      messages: [],
      prompt: [],
      replyTokens: undefined,
      needs: [],
    },
    conversation: undefined,
    trace: undefined,
    response: { statusCode: 200, getHeader: () => 'request-1' } as unknown as Response,
    routed: makeRouted(),
    execution: {
      kind: 'reply',
      status: 200,
      headers: {},
      body: Buffer.from('{}'),
      keptId: undefined,
      usage: undefined,
      target: makeTarget(),
      attempts,
    },
    attempts,
    clientGone: new AbortController().signal,
    startedAtMs: 0,
    routing: { startedAtMs: 0, durationMs: 1 },
    endedAtMs: 1,
    catalogue: { models: new Map(), classes: new Map(), defaultClass: 'chat', providers: [] },
    configHash: 'config',
  };
}

describe('the outcome of a request that nobody served', () => {
  it.each([
    [400, 'client_error'],
    [429, 'exhausted'],
    [502, 'exhausted'],
    [503, 'exhausted'],
  ])('is the client’s own only where it wanted too much: %i %s', (status, outcome) => {
    const record = toRequestRecord({
      ...finishedBy([]),
      response: { statusCode: status, getHeader: () => 'request-1' } as unknown as Response,
      execution: { kind: 'exhausted', code: 'no_candidate', attempts: [] },
    });
    expect(record.outcome).toBe(outcome);
  });
});

describe('the outcome of a request that was answered', () => {
  it('is ok when the first candidate answers, also at another try or beside a hedge', () => {
    expect(outcomeOf(first)).toBe('ok');
    expect(outcomeOf(failed, first)).toBe('ok');
    expect(outcomeOf({ ...other, outcome: 'outrun', isHedge: true }, first)).toBe('ok');
    expect(outcomeOf({ ...sister, outcome: 'failed', isHedge: true }, failed, first)).toBe('ok');
  });

  it('is a fallback when a later candidate does: another model, or the same at another provider', () => {
    expect(outcomeOf(failed, other)).toBe('fallback_ok');
    expect(outcomeOf(failed, sister)).toBe('fallback_ok');
    expect(outcomeOf(outrun, { ...sister, isHedge: true })).toBe('fallback_ok');
  });
});
