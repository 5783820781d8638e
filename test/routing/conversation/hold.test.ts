import { describe, expect, it } from 'vitest';
import { type Held, type HoldRequest, weighHold } from '../../../src/routing/conversation/hold.ts';
import type { Decision } from '../../../src/routing/decision.ts';

const settings = { cacheTtlMs: 300_000, rightClassUsd: 0.05, weakTurns: 2 };
const strong = {
  name: 'strong',
  tier: 3,
  prices: { input: 5, output: 25, cachedInput: 0.5 },
};
const weak = { name: 'weak', tier: 1, prices: { input: 0.25, output: 2, cachedInput: 0.025 } };

function decided(probabilities: Record<string, number>, share: number): Decision {
  const posterior = Object.entries(probabilities)
    .map(([className, probability]) => ({ className, probability }))
    .toSorted((a, b) => b.probability - a.probability);
  return {
    className: posterior[0]?.className,
    confidence: posterior[0]?.probability,
    basis: { kind: 'posterior' },
    tier: 'transformer',
    posterior,
    reasons: undefined,
    neighbours: [],
    context: { turns: 1, share, prior: [] },
    ask: undefined,
    bundle: { encoderHash: '', exampleSetHash: '' },
  };
}

const held: Held = {
  model: 'weak',
  provider: 'provider',
  isMixed: false,
  className: 'chat',
  isSure: true,
  turn: 'first',
  atMs: 0,
  promptTokens: 2_000,
  weakTurns: 0,
};

function request(changes: Partial<HoldRequest> = {}): HoldRequest {
  return {
    held,
    decision: decided({ coding: 0.9, chat: 0.05 }, 0.8),
    turn: 'second',
    isUnderWay: false,
    promptTokens: 2_400,
    from: weak,
    to: strong,
    nowMs: 60_000,
    ...changes,
  };
}

describe('a conversation', () => {
  it('goes to a stronger model after one turn that is sure to ask for it', () => {
    expect(weighHold(request(), settings)).toMatchObject({ kind: 'leaves', weakTurns: 0 });
  });

  it('goes to a weaker model after several turns in a row that ask for it', () => {
    const down = {
      decision: decided({ chat: 0.9, coding: 0.05 }, 0.8),
      from: strong,
      to: weak,
    };
    const held1 = { ...held, model: 'strong', className: 'coding' };
    const first = weighHold(request({ ...down, held: held1 }), settings);
    expect(first).toMatchObject({
      kind: 'stays',
      weakTurns: 1,
      reason: 'turn 1 of 2 in a row that asks for a weaker model',
    });
    const held2 = { ...held1, weakTurns: first.weakTurns };
    expect(weighHold(request({ ...down, held: held2 }), settings).kind).toBe('leaves');
  });

  it('goes to a weaker model at once for a new task', () => {
    const decision = decided({ chat: 0.9, coding: 0.05 }, 0.1);
    const hold = weighHold(request({ decision, from: strong, to: weak }), settings);
    expect(hold.kind).toBe('leaves');
  });

  it('starts counting anew when a turn asks for the model that serves', () => {
    const hold = weighHold(request({ held: { ...held, weakTurns: 1 }, to: weak }), settings);
    expect(hold).toMatchObject({ kind: 'stays', weakTurns: 0 });
  });

  it('stays where nobody is sure what a turn asks', () => {
    const decision: Decision = {
      ...decided({ coding: 0.4, chat: 0.3 }, 0.5),
      basis: { kind: 'abstained', reason: 'low-confidence' },
    };
    expect(weighHold(request({ decision }), settings)).toMatchObject({
      kind: 'stays',
      reason: 'unsure what this turn asks',
    });
  });

  it('stays while an agent is at work on what the human asked', () => {
    const loop = request({ turn: 'first', isUnderWay: true });
    expect(weighHold(loop, settings)).toMatchObject({
      kind: 'stays',
      reason: 'at work on the same request',
    });
    expect(weighHold({ ...loop, turn: 'second' }, settings).kind).toBe('leaves');
  });

  it('stays while results of tools come without what the human asked', () => {
    const loop = request({ turn: undefined, isUnderWay: true });
    expect(weighHold(loop, settings).kind).toBe('stays');
  });

  it('is not pinned by a turn that nobody was sure about, but stays while an agent is at work on it', () => {
    const unsure = request({ held: { ...held, isSure: false, promptTokens: 900_000 } });
    expect(weighHold(unsure, settings)).toMatchObject({ kind: 'leaves', sum: undefined });
    const loop = { ...unsure, turn: 'first', isUnderWay: true };
    expect(weighHold(loop, settings).kind).toBe('stays');
  });
});

describe('leaving the model that has the prompt cached', () => {
  const long = { held: { ...held, promptTokens: 100_000 }, promptTokens: 110_000 };

  it('costs what the other model is paid for reading it again', () => {
    const { kind, sum, reason } = weighHold(request(long), settings);
    // 100,000 tokens at $5 instead of $0.025 a million, for 85 points more at 5 cents.
    expect(sum?.costUsd).toBeCloseTo(0.4975, 6);
    expect(sum?.gainUsd).toBeCloseTo(0.0425, 6);
    expect(kind).toBe('stays');
    expect(reason).toBe('leaving costs $0.4975 and gains $0.0425');
  });

  it('costs nothing once the cache has run out', () => {
    const late = weighHold(request({ ...long, nowMs: 300_001 }), settings);
    expect(late).toMatchObject({ kind: 'leaves', sum: { costUsd: 0 } });
  });

  it('costs nothing towards a model that is cheaper than the cache', () => {
    const decision = decided({ chat: 0.9, coding: 0.05 }, 0);
    const { sum } = weighHold(request({ ...long, decision, from: strong, to: weak }), settings);
    expect(sum?.costUsd).toBe(0);
  });

  it('costs nothing where the prices are not known', () => {
    const to = { ...strong, prices: undefined };
    expect(weighHold(request({ ...long, to }), settings).sum?.costUsd).toBe(0);
  });

  it('costs no more than what is left of the prompt', () => {
    const { sum } = weighHold(request({ ...long, promptTokens: 1_000 }), settings);
    expect(sum?.costUsd).toBeCloseTo(0.004975, 6);
  });
});
