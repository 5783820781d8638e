import { beforeEach, describe, expect, it } from 'vitest';
import { createFailure, type FailureCause } from '../../../src/upstream/failure.ts';
import { type CallEnd, createHealth, type Health } from '../../../src/upstream/health/health.ts';
import { createFakeClock, type FakeClock } from '../../support/fake-clock.ts';
import { breakerSettings as settings } from './breaker-settings.ts';

const small = { name: 'small', model: 'small', provider: 'open' };
const large = { name: 'large', model: 'large', provider: 'open' };
const other = { name: 'other', model: 'other', provider: 'elsewhere' };

let clock: FakeClock;
let health: Health;
let drawn: number;
let changes: string[];

beforeEach(() => {
  clock = createFakeClock();
  drawn = 0.5;
  changes = [];
  health = createHealth({
    deployments: [small, large, other],
    settings,
    clock,
    random: () => drawn,
    onChange: ({ kind, name, state }) => changes.push(`${kind} ${name} ${state.kind}`),
  });
});

function failed(cause: FailureCause, retryAfterMs?: number): CallEnd {
  return { kind: 'failed', failure: createFailure(cause, `it was ${cause}`, { retryAfterMs }) };
}

function ask(deployment: Pick<typeof small, 'model' | 'provider'>, end: CallEnd, times = 1): void {
  for (let asked = 0; asked < times; asked += 1) health.admit(deployment)?.settle(end);
}

describe('the health of models and providers', () => {
  it('keeps a model that fails out of plans, and no other of its provider', () => {
    ask(small, failed('server-error'), 5);
    expect(health.whyUnavailable(small)).toEqual({
      cause: 'unhealthy',
      reason: 'out of order (5 calls in a row failed: it was server-error); tried again in 14 s',
      untilMs: clock.now() + 0.875 * settings.openMs,
    });
    expect(health.admit(small)).toBeUndefined();
    expect(health.whyUnavailable(large)).toBeUndefined();
    expect(changes).toEqual(['model small open']);
  });

  it.each(['connect', 'dns', 'tls'] as const)(
    'keeps everything of a provider out that nobody reaches: %s',
    (cause) => {
      ask(small, failed(cause), 3);
      ask(large, failed(cause), 2);
      expect(health.whyUnavailable(small)?.cause).toBe('unhealthy');
      expect(health.whyUnavailable(large)?.cause).toBe('unhealthy');
      expect(health.whyUnavailable(other)).toBeUndefined();
      expect(changes).toEqual(['provider open open']);
    },
  );

  it('takes a refused key for the provider’s, an unknown model for its own', () => {
    ask(small, failed('model-missing'));
    expect(health.whyUnavailable(large)).toBeUndefined();
    ask(large, failed('auth'));
    expect(health.whyUnavailable(large)?.reason).toContain('it was auth');
    expect(changes).toEqual(['model small open', 'provider open open']);
  });

  it('takes a key that is kept from one model for no trouble with the others', () => {
    const failure = createFailure('auth', 'HTTP 403', { status: 403 });
    ask(small, { kind: 'failed', failure });
    expect(health.whyUnavailable(small)?.reason).toContain('HTTP 403');
    expect(health.whyUnavailable(large)).toBeUndefined();
  });

  it('leaves a model alone that limits the rate, for as long as it says', () => {
    ask(small, failed('rate-limited', 2_500));
    expect(health.whyUnavailable(small)).toEqual({
      cause: 'rate-limited',
      reason: 'limits the rate for another 3 s',
      untilMs: clock.now() + 2_500,
    });
    expect(health.whyUnavailable(large)).toBeUndefined();
    clock.advance(2_500);
    expect(health.whyUnavailable(small)).toBeUndefined();
    expect(changes).toEqual([]);
  });

  it.each([
    { kind: 'client-gone' } as const,
    failed('client-error'),
    failed('context-length'),
    failed('conflict'),
    failed('too-early'),
    failed('request-timeout'),
    failed('deadline'),
  ])('takes nothing amiss that is the client’s or passes: %j', (end) => {
    ask(small, end, 50);
    expect(health.whyUnavailable(small)).toBeUndefined();
  });

  it('gives what is coming back its share', () => {
    ask(small, failed('server-error'), 5);
    clock.advance(settings.openMs);
    ask(small, { kind: 'ok' }, settings.probes);
    clock.advance(0.4 * settings.rampMs);
    drawn = 0.39;
    expect(health.whyUnavailable(small)).toBeUndefined();
    drawn = 0.41;
    expect(health.whyUnavailable(small)).toMatchObject({
      cause: 'unhealthy',
      reason: 'coming back: it gets 40 % of its requests',
    });
  });

  it('takes a provider for reached that answers, whatever it says', () => {
    ask(small, failed('connect'), 5);
    clock.advance(settings.openMs);
    const failure = createFailure('server-error', 'HTTP 500', { status: 500 });
    ask(large, { kind: 'failed', failure }, settings.probes);
    expect(changes).toEqual([
      'provider open open',
      'provider open probing',
      'provider open recovering',
    ]);
  });

  it('hears of a provider what concerns all of its models, and nothing of the models', () => {
    const kind = 'failure';
    for (let heard = 0; heard < 5; heard += 1) health.hear('open', { kind, reason: 'no answer' });
    expect(health.whyUnavailable(small)?.reason).toContain('no answer');
    expect(health.whyUnavailable(other)).toBeUndefined();
    health.hear('open', { kind: 'success' });
    expect(health.whyUnavailable(small)).toBeUndefined();
    ask(small, failed('server-error'), 5);
    health.hear('open', { kind: 'success' });
    expect(health.whyUnavailable(small)?.cause).toBe('unhealthy');
    health.hear('nobody', { kind: 'success' });
  });

  it('frees the place of a probe that the provider’s breaker then refuses', () => {
    ask(small, failed('server-error'), 5);
    clock.advance(settings.openMs);
    ask(large, failed('auth'));
    for (let asked = 0; asked < 10; asked += 1) expect(health.admit(small)).toBeUndefined();
    clock.advance(settings.refusalMs);
    expect(health.admit(small)).toBeDefined();
  });

  it('is in the hands of whoever isolates and releases a model', () => {
    expect(health.isolate('small', 'by hand')).toEqual(['small']);
    expect(health.whyUnavailable(small)).toEqual({
      cause: 'isolated',
      reason: 'isolated: by hand',
      untilMs: undefined,
    });
    expect(health.release('small')).toEqual(['small']);
    expect(health.whyUnavailable(small)).toBeUndefined();
    expect(health.isolate('unknown', 'by hand')).toEqual([]);
    ask(large, failed('auth'));
    expect(health.whyUnavailable(small)).toBeDefined();
    health.release('small');
    expect(health.whyUnavailable(large)).toBeUndefined();
  });

  it('asks what nobody configured, such as the demo', () => {
    const demo = { model: 'demo', provider: 'demo' };
    expect(health.whyUnavailable(demo)).toBeUndefined();
    ask(demo, failed('server-error'), 50);
    expect(health.admit(demo)).toBeDefined();
  });

  it('reports every breaker', () => {
    ask(small, failed('rate-limited', 1_000));
    ask(other, failed('auth'));
    expect(health.report().map(({ kind, name, state }) => [kind, name, state.kind])).toEqual([
      ['model', 'small', 'closed'],
      ['model', 'large', 'closed'],
      ['model', 'other', 'closed'],
      ['provider', 'open', 'closed'],
      ['provider', 'elsewhere', 'open'],
    ]);
    expect(health.report()[0]?.notBeforeMs).toBe(clock.now() + 1_000);
  });
});

describe('the health of a model with several deployments', () => {
  const west = { name: 'shared@west', model: 'shared', provider: 'west' };
  const east = { name: 'shared@east', model: 'shared', provider: 'east' };
  const apart = { name: 'apart', model: 'apart', provider: 'west' };

  beforeEach(() => {
    health = createHealth({
      deployments: [west, east, apart],
      settings,
      clock,
      random: () => drawn,
      onChange: ({ kind, name, state }) => changes.push(`${kind} ${name} ${state.kind}`),
    });
  });

  it('keeps the one that fails out, and neither the other nor its provider', () => {
    ask(west, failed('server-error'), 5);
    expect(health.whyUnavailable(west)?.cause).toBe('unhealthy');
    for (const well of [east, apart]) expect(health.whyUnavailable(well)).toBeUndefined();
    expect(changes).toEqual(['model shared@west open']);
  });

  it('leaves only the one alone that limits the rate', () => {
    ask(east, failed('rate-limited', 2_000));
    expect(health.whyUnavailable(east)?.cause).toBe('rate-limited');
    expect(health.whyUnavailable(west)).toBeUndefined();
  });

  it('is in the hands of an operator one by one or all together', () => {
    expect(health.isolate('shared@east', 'by hand')).toEqual(['shared@east']);
    expect([west, east].map((each) => health.isUp(each))).toEqual([true, false]);
    expect(health.isolate('shared', 'by hand')).toEqual(['shared@west', 'shared@east']);
    expect([west, east, apart].map((each) => health.isUp(each))).toEqual([false, false, true]);
    expect(health.release('shared@west')).toEqual(['shared@west']);
    expect([west, east].map((each) => health.isUp(each))).toEqual([true, false]);
    expect(health.release('shared')).toHaveLength(2);
    expect(health.isUp(east)).toBe(true);
  });
});
