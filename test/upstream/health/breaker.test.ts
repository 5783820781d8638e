import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  type Breaker,
  type BreakerState,
  createBreaker,
  type Verdict,
} from '../../../src/upstream/health/breaker.ts';
import { createFakeClock, type FakeClock } from '../../support/fake-clock.ts';
import { breakerSettings as settings } from './breaker-settings.ts';

const failure: Verdict = { kind: 'failure', reason: 'HTTP 503' };
const success: Verdict = { kind: 'success' };

let clock: FakeClock;
let breaker: Breaker;
let changes: BreakerState[];
let drawn: number;

beforeEach(() => {
  clock = createFakeClock();
  changes = [];
  drawn = 1 - Number.EPSILON;
  breaker = createBreaker({
    settings,
    clock,
    random: () => drawn,
    onChange: (state) => changes.push(state),
  });
});

function call(verdict: Verdict, options?: { force?: boolean }): boolean {
  const permit = breaker.admit(options);
  permit?.settle(verdict);
  return permit !== undefined;
}

function calls(count: number, verdict: Verdict): void {
  for (let done = 0; done < count; done += 1) call(verdict);
}

function openIt(): void {
  calls(settings.failuresInARow, failure);
  expect(breaker.state().kind).toBe('open');
}

describe('a closed breaker', () => {
  it('opens when so much of the window has failed', () => {
    for (let pair = 0; pair < 4; pair += 1) {
      call(success);
      call(failure);
    }
    expect(breaker.state().kind).toBe('closed');
    call(success);
    call(failure);
    expect(breaker.state()).toMatchObject({
      kind: 'open',
      reason: '5 of 10 calls failed: HTTP 503',
    });
  });

  it('forgets what happened before the window', () => {
    for (let pair = 0; pair < 4; pair += 1) {
      call(failure);
      call(success);
    }
    clock.advance(settings.windowMs * 1.2);
    for (let pair = 0; pair < 4; pair += 1) {
      call(failure);
      call(success);
    }
    expect(breaker.state().kind).toBe('closed');
  });

  it('opens when nothing succeeds, however seldom it is asked', () => {
    for (let done = 0; done < settings.failuresInARow; done += 1) {
      expect(breaker.state().kind).toBe('closed');
      clock.advance(10 * settings.windowMs);
      call(failure);
    }
    expect(breaker.state()).toMatchObject({ reason: '5 calls in a row failed: HTTP 503' });
  });

  it.each([{ kind: 'none' }, { kind: 'wait', forMs: 1 }] as const)(
    'never opens for what is no failure: %j',
    (verdict) => {
      for (let done = 0; done < 100; done += 1) {
        call(verdict);
        clock.advance(2);
      }
      expect(breaker.state().kind).toBe('closed');
    },
  );

  it('opens long, and at once, for a refusal', () => {
    call({ kind: 'refusal', reason: 'HTTP 401' });
    expect(breaker.state()).toMatchObject({ kind: 'open', reason: 'HTTP 401' });
    clock.advance(settings.refusalMs - 1_000);
    expect(call(success)).toBe(false);
    clock.advance(1_000);
    expect(call(success)).toBe(true);
  });

  it('makes no calls before the time that it was told', () => {
    call({ kind: 'wait', forMs: 500 });
    expect(breaker.notBeforeMs()).toBe(clock.now() + 500);
    expect(call(success)).toBe(false);
    clock.advance(500);
    expect(breaker.notBeforeMs()).toBeUndefined();
    expect(call(success)).toBe(true);
    expect(breaker.state().kind).toBe('closed');
  });
});

describe('an open breaker', () => {
  beforeEach(openIt);

  it('makes no calls until its time is over, then a few at once', () => {
    expect(call(success)).toBe(false);
    clock.advance(settings.openMs - 1);
    expect(call(success)).toBe(false);
    clock.advance(1);
    const probes = [breaker.admit(), breaker.admit(), breaker.admit()];
    expect(probes.map((probe) => probe !== undefined)).toEqual([true, true, false]);
    expect(breaker.state()).toMatchObject({ kind: 'probing', isFull: true });
    probes[0]?.settle({ kind: 'none' });
    expect(breaker.state()).toMatchObject({ isFull: false });
  });

  it('stays open longer each time, up to a limit', () => {
    const times: number[] = [];
    for (let round = 0; round < 8; round += 1) {
      const state = breaker.state();
      const untilMs = state.kind === 'open' ? state.untilMs : Number.NaN;
      times.push(untilMs - clock.now());
      clock.advance(untilMs - clock.now());
      call(failure);
    }
    const doubled = [0, 1, 2, 3].map((round) => settings.openMs * 2 ** round);
    expect(times.slice(0, 4).map(Math.round)).toEqual(doubled);
    expect(Math.round(times.at(-1) ?? 0)).toBe(settings.longestOpenMs);
  });

  it('draws its time, so that many do not probe in step', () => {
    breaker.release();
    drawn = 0;
    openIt();
    const state = breaker.state();
    expect(state.kind === 'open' && state.untilMs - clock.now()).toBe(0.75 * settings.openMs);
  });

  it('comes back by degrees after its probes succeeded', () => {
    clock.advance(settings.openMs);
    call(success);
    expect(breaker.state().kind).toBe('probing');
    call(success);
    expect(breaker.state()).toEqual({ kind: 'recovering', share: 0.1 });
    clock.advance(settings.rampMs / 2);
    expect(breaker.state()).toEqual({ kind: 'recovering', share: 0.5 });
    clock.advance(settings.rampMs / 2);
    expect(breaker.state()).toEqual({ kind: 'closed' });
    expect(changes.map(({ kind }) => kind)).toEqual(['open', 'probing', 'recovering', 'closed']);
  });

  it('opens again when it fails while coming back', () => {
    clock.advance(settings.openMs);
    calls(2, success);
    calls(settings.failuresInARow, failure);
    const state = breaker.state();
    expect(state.kind === 'open' && Math.round(state.untilMs - clock.now())).toBe(
      2 * settings.openMs,
    );
  });

  it('can be forced, one call at a time; a success counts as a probe', () => {
    const forced = breaker.admit({ force: true });
    expect(forced).toBeDefined();
    expect(breaker.admit({ force: true })).toBeUndefined();
    forced?.settle(failure);
    expect(breaker.state().kind).toBe('open');
    expect(call(success, { force: true })).toBe(true);
    expect(breaker.state().kind).toBe('probing');
    call(success);
    expect(breaker.state().kind).toBe('recovering');
  });

  it('has no ear for what was called before it opened', () => {
    breaker.release();
    const late = breaker.admit();
    const later = breaker.admit();
    openIt();
    late?.settle(success);
    expect(breaker.state().kind).toBe('open');
    clock.advance(settings.openMs);
    later?.settle(failure);
    expect(breaker.state().kind).toBe('probing');
  });
});

describe('what a breaker hears without a call', () => {
  it('counts for and against it while it is closed', () => {
    for (let heard = 0; heard < 3; heard += 1) breaker.hear(failure);
    breaker.hear(success);
    breaker.hear(failure);
    expect(breaker.state().kind).toBe('closed');
    for (let heard = 1; heard < settings.failuresInARow; heard += 1) breaker.hear(failure);
    expect(breaker.state()).toMatchObject({ reason: '5 calls in a row failed: HTTP 503' });
  });

  it('brings its probes on, however often it is good, but stands for none of them', () => {
    openIt();
    breaker.hear(failure);
    expect(breaker.state().kind).toBe('open');
    for (let heard = 0; heard < 10; heard += 1) breaker.hear(success);
    expect(breaker.state().kind).toBe('probing');
    call(success);
    call(success);
    expect(breaker.state().kind).toBe('recovering');
  });

  it('opens it again while it is being tried', () => {
    openIt();
    clock.advance(settings.openMs);
    expect(breaker.state().kind).toBe('probing');
    breaker.hear(failure);
    expect(breaker.state().kind).toBe('open');
  });

  it('says nothing about a refusal, nor against isolation', () => {
    call({ kind: 'refusal', reason: 'HTTP 401' });
    breaker.hear(success);
    expect(breaker.state()).toMatchObject({ kind: 'open', reason: 'HTTP 401' });
    breaker.isolate('maintenance');
    for (const verdict of [success, failure, { kind: 'refusal', reason: '' } as const]) {
      breaker.hear(verdict);
    }
    expect(breaker.state().kind).toBe('isolated');
  });

  it('opens it at once, and long, for a refusal', () => {
    breaker.hear({ kind: 'refusal', reason: 'HTTP 401' });
    clock.advance(settings.refusalMs - 1_000);
    expect(breaker.state()).toMatchObject({ kind: 'open', reason: 'HTTP 401' });
  });
});

describe('a breaker in somebody’s hands', () => {
  it('makes no calls while isolated, whatever time does, and all of them once released', () => {
    breaker.isolate('maintenance');
    clock.advance(1e9);
    expect(call(success, { force: true })).toBe(false);
    expect(breaker.state()).toEqual({ kind: 'isolated', reason: 'maintenance' });
    breaker.release();
    expect(call(success)).toBe(true);
    expect(breaker.state()).toEqual({ kind: 'closed' });
  });
});

describe('a breaker under any calls', () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('advance' as const), ms: fc.integer({ min: 1, max: 60_000 }) }),
    fc.record({ kind: fc.constant('begin' as const), force: fc.boolean() }),
    fc.record({
      kind: fc.constant('end' as const),
      which: fc.nat(),
      verdict: fc.constantFrom<Verdict>(
        success,
        failure,
        { kind: 'none' },
        { kind: 'wait', forMs: 3_000 },
        { kind: 'refusal', reason: 'HTTP 401' },
      ),
    }),
  );

  it('always comes back, given time and successes', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const time = createFakeClock();
        const one = createBreaker({ settings, clock: time, random: () => 0.5, onChange() {} });
        const permits: NonNullable<ReturnType<Breaker['admit']>>[] = [];
        for (const each of steps) {
          if (each.kind === 'advance') time.advance(each.ms);
          if (each.kind === 'begin') {
            const permit = one.admit({ force: each.force });
            if (permit !== undefined) permits.push(permit);
          }
          if (each.kind === 'end') {
            permits[each.which % Math.max(1, permits.length)]?.settle(each.verdict);
          }
        }
        // Every call ends some time, if only by its timeout; two that never did would be all of the probes for ever.
        for (const permit of permits) permit.settle({ kind: 'none' });
        for (let patience = 0; patience < 10 && one.state().kind !== 'closed'; patience += 1) {
          time.advance(settings.refusalMs);
          for (let probe = 0; probe < settings.probes; probe += 1) one.admit()?.settle(success);
        }
        expect(one.state().kind).toBe('closed');
      }),
    );
  });
});
