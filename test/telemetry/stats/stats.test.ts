import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSketch } from '../../../src/telemetry/stats/sketch.ts';
import { createStats } from '../../../src/telemetry/stats/stats.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { makeRecord } from '../make-record.ts';

describe('a sketch', () => {
  it('gives any quantile to within a hundredth of its value, merged or not', () => {
    const values = fc.array(fc.double({ min: 1e-3, max: 1e9, noNaN: true }), { minLength: 1 });
    fc.assert(
      fc.property(values, values, fc.double({ min: 0, max: 1, noNaN: true }), (a, b, q) => {
        const [one, other] = [createSketch(), createSketch()];
        for (const value of a) one.add(value);
        for (const value of b) other.add(value);
        one.merge(other);
        const sorted = [...a, ...b].sort((x, y) => x - y);
        const exact = sorted[Math.floor(q * (sorted.length - 1))] as number;
        const off = Math.abs((one.quantile(q) ?? 0) - exact) / exact;
        expect(off).toBeLessThanOrEqual(0.01 + 1e-9);
        expect(one.count).toBe(sorted.length);
      }),
    );
  });

  it('has a counter a bucket between its extremes, a thousand for all that a request can take', () => {
    const sizeOf = (...values: number[]) => {
      const sketch = createSketch();
      for (const value of values) sketch.add(value);
      return sketch.buckets().counts.length;
    };
    const microsecond = 0.001;
    const fiveMinutes = 300_000;
    expect(sizeOf(microsecond, fiveMinutes)).toBeGreaterThan(975);
    expect(sizeOf(microsecond, fiveMinutes)).toBeLessThan(1_010);
    expect(sizeOf(0, fiveMinutes, fiveMinutes, 0)).toBe(sizeOf(microsecond, fiveMinutes));
    expect(sizeOf(Number.MAX_VALUE, 0)).toBeLessThan(1_420);
    expect(sizeOf(100, 30_000)).toBeLessThan(320);
  });

  it('takes what is below a microsecond for one', () => {
    const sketch = createSketch();
    sketch.add(1e-9);
    expect(sketch.quantile(1)).toBeCloseTo(0.001, 4);
  });

  it('knows nothing while it is empty, and leaves out what is no measure', () => {
    const sketch = createSketch();
    for (const value of [Number.NaN, -1, Number.POSITIVE_INFINITY]) sketch.add(value);
    expect(sketch.quantile(0.5)).toBeUndefined();
    sketch.add(0);
    expect(sketch.quantile(0.5)).toBeCloseTo(0, 2);
  });
});

describe('the statistics', () => {
  it('count requests, attempts, errors, tokens and costs', () => {
    const stats = createStats(createFakeClock());
    stats.record(makeRecord());
    stats.record(
      makeRecord({
        outcome: 'fallback_ok',
        className: 'math',
        abstained: 'low-confidence',
        attempts: [
          {
            model: 'claude',
            provider: 'c',
            startedAtMs: 0,
            durationMs: 5,
            outcome: 'failed',
            status: 503,
            cause: 'server-error',
          },
          { model: 'gpt', provider: 'open', startedAtMs: 5, durationMs: 300, outcome: 'ok' },
        ],
      }),
    );
    const summary = stats.summarise(60_000);
    expect(summary).toMatchObject({
      requests: 2,
      outcomes: { ok: 1, fallback_ok: 1 },
      classes: { coding: 1, math: 1 },
      abstentions: { 'low-confidence': 1 },
      abstentionRate: 0.5,
      fallbacks: 1,
      costUsd: 0.5,
      models: {
        claude: { attempts: 1, errorRate: 1, errors: { 'server-error': 1 } },
        gpt: {
          attempts: 2,
          errorRate: 0,
          inputTokens: 100,
          outputTokens: 10,
          costUsd: 0.5,
          unknownCosts: 1,
        },
      },
    });
    expect(summary.models['gpt']?.durationMs.p99).toBeCloseTo(100, -1);
    expect(summary.models['claude']?.durationMs.p50).toBeNull();
  });

  it.each(['client-gone', 'outrun'] as const)(
    'do not blame a model for what it did not end: %s',
    (outcome) => {
      const stats = createStats(createFakeClock());
      const [attempt] = makeRecord().attempts;
      if (attempt === undefined) throw new Error('There is one.');
      const attempts = [{ ...attempt, outcome }];
      stats.record(makeRecord({ outcome: 'client_closed', attempts }));
      expect(stats.summarise(60_000).models['gpt']).toMatchObject({ attempts: 1, errorRate: 0 });
    },
  );

  it('are by the quarter of an hour where they are older than an hour', () => {
    const clock = createFakeClock(0);
    const stats = createStats(clock);
    // Two in the same quarter, five minutes apart, and one an hour and a half later.
    stats.record(makeRecord());
    clock.advance(5 * 60_000);
    stats.record(makeRecord());
    clock.advance(90 * 60_000);
    stats.record(makeRecord());
    expect(stats.summarise(80 * 60_000).requests).toBe(1);
    expect(stats.summarise(92 * 60_000).requests).toBe(3);
    expect(stats.summarise(24 * 3_600_000).models['gpt']?.attempts).toBe(3);
  });

  it('count what happened before they began: to the minute, by the quarter or not at all', () => {
    const clock = createFakeClock(26 * 3_600_000);
    const stats = createStats(clock);
    const minutesAgo = (minutes: number) =>
      stats.add({ ...makeRecord(), endedAtMs: clock.now() - minutes * 60_000 });
    minutesAgo(1);
    stats.record(makeRecord());
    minutesAgo(45);
    minutesAgo(7 * 60);
    minutesAgo(24 * 60 + 1);
    expect(stats.summarise(5 * 60_000).requests).toBe(2);
    expect(stats.summarise(3_600_000).requests).toBe(3);
    expect(stats.summarise(24 * 3_600_000)).toMatchObject({
      requests: 4,
      models: { gpt: { attempts: 4, costUsd: 2 } },
    });
  });

  it('forget what lies before the window, and after a day all of it', () => {
    const clock = createFakeClock();
    const stats = createStats(clock);
    stats.record(makeRecord());
    clock.advance(10 * 60_000);
    stats.record(makeRecord());
    expect(stats.summarise(5 * 60_000).requests).toBe(1);
    expect(stats.summarise(15 * 60_000).requests).toBe(2);
    clock.advance(25 * 3_600_000);
    stats.record(makeRecord());
    expect(stats.summarise(24 * 3_600_000).requests).toBe(1);
  });
});
