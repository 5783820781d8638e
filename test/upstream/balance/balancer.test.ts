import { beforeEach, describe, expect, it } from 'vitest';
import { createRandom } from '../../../src/random.ts';
import { type Balancer, createBalancer } from '../../../src/upstream/balance/balancer.ts';
import type { LoadedCall } from '../../../src/upstream/balance/deployment-load.ts';
import { createFailure } from '../../../src/upstream/failure.ts';
import type { CallKind } from '../../../src/upstream/health/health.ts';
import { createFakeClock, type FakeClock } from '../../support/fake-clock.ts';

const at = (provider: string, weight = 1) => ({ model: 'shared', provider, weight });
const west = at('west');
const east = at('east');
const both = [west, east];
const draws = 2_000;

let clock: FakeClock;
let balancer: Balancer;

beforeEach(() => {
  clock = createFakeClock();
  balancer = createBalancer({ clock, random: createRandom(1) });
});

/** A call that is over after so long. */
function call(deployment: typeof west, durationMs: number, kind: CallKind = 'plain'): void {
  const begun = balancer.begin(deployment, kind);
  clock.advance(durationMs);
  begun.end({ kind: 'ok' });
}

/** How often each is the first, of all that are drawn while nothing else happens. */
function sharesOf(offered: readonly (typeof west)[], kind: CallKind = 'plain') {
  const counts = new Map<string, number>();
  for (let drawn = 0; drawn < draws; drawn += 1) {
    const provider = balancer.order(offered, kind)[0]?.provider ?? 'none';
    counts.set(provider, (counts.get(provider) ?? 0) + 1);
  }
  return (provider: string) => (counts.get(provider) ?? 0) / draws;
}

describe('the balance between deployments', () => {
  it('spreads calls by weight while nothing tells them apart', () => {
    const share = sharesOf([at('large', 6), at('middle', 3), at('small', 1)]);
    expect(share('large')).toBeCloseTo(0.6, 1);
    expect(share('middle')).toBeCloseTo(0.3, 1);
    expect(share('small')).toBeCloseTo(0.1, 1);
  });

  it('still does once all of them are known to be as quick', () => {
    const offered = [at('large', 3), at('small')];
    for (const each of offered) call(each, 400);
    clock.advance(60_000);
    expect(sharesOf(offered)('small')).toBeCloseTo(0.25, 1);
  });

  it('names every one once, so that the next is there when the first fails', () => {
    const offered = [at('a'), at('b'), at('c', 0.1)];
    const providers = balancer.order(offered, 'plain').map(({ provider }) => provider);
    expect(providers.toSorted()).toEqual(['a', 'b', 'c']);
    expect(balancer.order([], 'plain')).toEqual([]);
  });

  it('passes over a slow one, and not over one that is a little slower', () => {
    call(west, 400);
    call(east, 250);
    expect(sharesOf(both)('west')).toBeCloseTo(0.5, 1);
    call(west, 1_000);
    expect(sharesOf(both)('west')).toBe(0);
    expect(sharesOf([at('west', 9), east])('west')).toBe(0);
  });

  it('makes no difference between those that are all quick', () => {
    call(west, 180);
    call(east, 2);
    expect(sharesOf(both)('west')).toBeCloseTo(0.5, 1);
  });

  it('tries a slow one again after some time, the later the slower it was', () => {
    for (const [durationMs, forgottenMs] of [
      [1_600, 30_000],
      [12_800, 60_000],
    ] as const) {
      call(west, durationMs);
      call(east, 200);
      clock.advance(forgottenMs - 5_000);
      expect(sharesOf(both)('west')).toBe(0);
      clock.advance(5_000);
      expect(sharesOf(both)('west')).toBeCloseTo(0.5, 1);
    }
  });

  it('does not hold a quick reply against what was slow before, nor forget it for that', () => {
    call(west, 6_400);
    call(west, 200);
    call(east, 200);
    expect(sharesOf(both)('west')).toBe(0);
  });

  it('tries what nobody has asked yet', () => {
    call(west, 100);
    expect(sharesOf(both)('east')).toBeCloseTo(0.5, 1);
  });

  it('gives less to one that has much under way, by its weight', () => {
    const [large, small] = [at('large', 3), at('small')];
    const begin = (deployment: typeof west, count: number): LoadedCall[] =>
      Array.from({ length: count }, () => balancer.begin(deployment, 'plain'));
    const calls = [...begin(large, 9), ...begin(small, 3)];
    expect(sharesOf([large, small])('small')).toBeCloseTo(0.25, 1);
    calls.push(...begin(small, 30));
    expect(sharesOf([large, small])('small')).toBe(0);
    for (const each of calls) each.end({ kind: 'ok' });
    expect(sharesOf([large, small])('small')).toBeCloseTo(0.25, 1);
  });

  it('avoids one that fails, however quickly', () => {
    for (const each of both) call(each, 300);
    const failing = balancer.begin(west, 'plain');
    failing.end({ kind: 'failed', failure: createFailure('server-error', 'HTTP 503') });
    expect(sharesOf(both)('west')).toBe(0);
  });

  it('takes the client’s own mistakes for nothing', () => {
    for (const each of both) call(each, 300);
    const wrong = balancer.begin(west, 'plain');
    wrong.end({ kind: 'failed', failure: createFailure('client-error', 'HTTP 400') });
    expect(sharesOf(both)('west')).toBeCloseTo(0.5, 1);
  });

  it('sees one hang before its calls have ended, and that clients left it', () => {
    for (const each of both) call(each, 300);
    const hanging = balancer.begin(west, 'plain');
    clock.advance(9_000);
    expect(sharesOf(both)('west')).toBe(0);
    hanging.end({ kind: 'client-gone' });
    expect(sharesOf(both)('west')).toBe(0);
  });

  it('compares streams by their first content, and only with each other', () => {
    const slow = balancer.begin(west, 'stream');
    const quick = balancer.begin(east, 'stream');
    clock.advance(100);
    quick.begun();
    clock.advance(1_900);
    slow.begun();
    clock.advance(60_000);
    for (const each of [slow, quick]) each.end({ kind: 'ok' });
    call(west, 100, 'stream');
    call(east, 100, 'stream');
    expect(sharesOf(both, 'stream')('west')).toBeCloseTo(0.5, 1);
    call(west, 4_000, 'plain');
    expect(sharesOf(both, 'stream')('west')).toBeCloseTo(0.5, 1);
    expect(sharesOf(both, 'plain')('west')).toBeCloseTo(0.5, 1);
    call(east, 100, 'plain');
    expect(sharesOf(both, 'plain')('west')).toBe(0);
  });

  it('keeps to the weights, about, while replies differ in length, and spares a slow one', () => {
    const durations = createRandom(2);
    const simulate = (offered: readonly (typeof west & { slower: number })[]) => {
      const counts = offered.map(() => 0);
      for (let second = 0; second < 2_000; second += 1) {
        const [chosen] = balancer.order(offered, 'plain');
        if (chosen === undefined) throw new Error('There are two.');
        counts[offered.indexOf(chosen)] = (counts[offered.indexOf(chosen)] ?? 0) + 1;
        const begun = balancer.begin(chosen, 'plain');
        const durationMs = (300 - Math.log(1 - durations()) * 4_000) * chosen.slower;
        clock.setTimer(durationMs, () => begun.end({ kind: 'ok' }));
        clock.advance(1_000);
      }
      return (counts[1] ?? 0) / 2_000;
    };
    const alike = [
      { ...at('three', 3), slower: 1 },
      { ...at('one'), slower: 1 },
    ];
    expect(Math.abs(simulate(alike) - 0.25)).toBeLessThan(0.1);
    const unlike = [
      { ...west, slower: 1 },
      { ...east, slower: 10 },
    ];
    expect(simulate(unlike)).toBeLessThan(0.15);
  });
});
