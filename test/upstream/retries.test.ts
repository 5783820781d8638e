import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backoffMs } from '../../src/upstream/backoff.ts';
import { createFailure, type FailureCause, failureTable } from '../../src/upstream/failure.ts';
import { createRetries, type RetrySettings } from '../../src/upstream/retries.ts';

const settings: RetrySettings = { perModel: 1, waitMs: 5_000, share: 0.2 };
const how = { provider: 'open', retries: 0, remainingMs: 60_000 };
const serverError = createFailure('server-error', 'HTTP 503');

function limited(retryAfterMs?: number) {
  return createFailure('rate-limited', 'HTTP 429', { status: 429, retryAfterMs });
}

describe('the time before a retry', () => {
  it('is drawn from nothing up to a limit that doubles', () => {
    const longest = [0, 1, 2, 3, 4, 5].map((retry) => backoffMs(retry, () => 1));
    expect(longest).toEqual([250, 500, 1_000, 2_000, 4_000, 4_000]);
    fc.assert(
      fc.property(fc.nat(50), fc.double({ min: 0, max: 1, noNaN: true }), (retry, drawn) => {
        expect(backoffMs(retry, () => drawn)).toBeCloseTo(drawn * backoffMs(retry, () => 1), 9);
      }),
    );
  });

  it('is at least what the provider asks for', () => {
    const retrying = createRetries(settings, () => 1).forRequest();
    expect(retrying.next(limited(100), how)).toBe(250);
    expect(retrying.next(limited(2_000), how)).toBe(2_000);
  });
});

describe('a retry', () => {
  it.each(Object.keys(failureTable) as FailureCause[])('is made where it may help: %s', (cause) => {
    const retrying = createRetries(settings, () => 1).forRequest();
    const waitMs = retrying.next(createFailure(cause, '', { retryAfterMs: 1 }), how);
    expect(waitMs === undefined).toBe(!failureTable[cause].isRetried);
  });

  it('is made so often for one model', () => {
    const retrying = createRetries({ ...settings, perModel: 2 }, () => 0).forRequest();
    expect(retrying.next(serverError, { ...how, retries: 1 })).toBe(0);
    expect(retrying.next(serverError, { ...how, retries: 2 })).toBeUndefined();
    const never = createRetries({ ...settings, perModel: 0 }, () => 0).forRequest();
    expect(never.next(serverError, how)).toBeUndefined();
  });

  it('leaves a model that limits the rate without a word for how long', () => {
    expect(
      createRetries(settings, () => 0)
        .forRequest()
        .next(limited(), how),
    ).toBeUndefined();
  });

  it('waits no longer than one request may wait for all of them, nor beyond its deadline', () => {
    const retries = createRetries(settings, () => 0);
    const retrying = retries.forRequest();
    expect(retrying.next(limited(6_000), how)).toBeUndefined();
    expect(retrying.next(limited(3_000), how)).toBe(3_000);
    expect(retrying.next(limited(3_000), how)).toBeUndefined();
    expect(retrying.next(limited(2_000), how)).toBe(2_000);
    const short = { ...how, remainingMs: 3_000 };
    expect(retries.forRequest().next(limited(3_000), short)).toBeUndefined();
  });

  it('is at most a share of the requests to a provider, but for the first few', () => {
    const retries = createRetries(settings, () => 0);
    let made = 0;
    for (let request = 0; request < 1_000; request += 1) {
      const retrying = retries.forRequest();
      retrying.begin('open');
      if (retrying.next(serverError, how) !== undefined) made += 1;
    }
    expect(made).toBeGreaterThanOrEqual(200);
    expect(made).toBeLessThanOrEqual(210);
    expect(retries.forRequest().next(serverError, { ...how, provider: 'other' })).toBe(0);
  });

  it('is told, whether it is made or not', () => {
    const told: string[] = [];
    const retries = createRetries(
      settings,
      () => 0,
      ({ provider, outcome }) => told.push(`${provider} ${outcome}`),
    );
    retries.forRequest().next(limited(6_000), how);
    for (let retry = 0; retry < 11; retry += 1) retries.forRequest().next(serverError, how);
    // What is not asked again anyway is nothing to tell.
    retries.forRequest().next(serverError, { ...how, retries: 1 });
    retries.forRequest().next(createFailure('timeout', ''), how);
    const made = Array.from({ length: 10 }, () => 'open made');
    expect(told).toEqual(['open wait-too-long', ...made, 'open over-budget']);
  });
});
