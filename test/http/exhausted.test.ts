import { describe, expect, it } from 'vitest';
import { exhaustedError } from '../../src/http/exhausted.ts';
import type { Candidate } from '../../src/routing/plan.ts';
import type { Attempt } from '../../src/upstream/attempt.ts';

const nowMs = 1_000_000;

function out(cause: Candidate['cause'], model: string = cause, inMs?: number): Candidate {
  const reason = `because of ${cause}`;
  const until = inMs === undefined ? {} : { untilMs: nowMs + inMs };
  return { model, provider: 'p', className: 'chat', status: 'out', cause, reason, ...until };
}

function errorOf(...candidates: Candidate[]) {
  const { code, message, retryAfterMs } = exhaustedError(
    { kind: 'exhausted', code: 'no_candidate', attempts: [] },
    candidates,
    nowMs,
  );
  return { code, message, retryAfterMs };
}

describe('a plan with nobody to ask', () => {
  it('is the router’s trouble where no model is usable', () => {
    expect(errorOf(out('unusable', 'a'), out('unusable', 'b'))).toEqual({
      code: 'no_candidate',
      message: 'No model can serve this request: a (because of unusable), b (because of unusable).',
      retryAfterMs: undefined,
    });
  });

  it.each(['protocol', 'capability'] as const)(
    'is the client’s where what it asks is beyond every usable model: %s',
    (cause) => {
      expect(errorOf(out('unusable'), out(cause)).code).toBe('invalid_request');
    },
  );

  it('is a prompt too long where a shorter one would find a model', () => {
    expect(errorOf(out('capability'), out('context-window')).code).toBe('context_length_exceeded');
  });

  it('is to be tried again when the first of those that are out for now is back', () => {
    const candidates = [
      out('capability'),
      out('unhealthy', 'a', 20_000),
      out('rate-limited', 'b', 5_000),
    ];
    expect(errorOf(...candidates)).toMatchObject({ code: 'no_candidate', retryAfterMs: 5_000 });
    expect(errorOf(out('isolated'))).toMatchObject({
      code: 'no_candidate',
      retryAfterMs: undefined,
    });
  });

  it('limits the rate where everybody does', () => {
    expect(errorOf(out('unusable'), out('rate-limited', 'a', 5_000))).toMatchObject({
      code: 'rate_limit_exceeded',
      retryAfterMs: 5_000,
    });
  });
});

describe('a plan whose every attempt failed', () => {
  const attempt: Attempt = {
    model: 'a',
    provider: 'p',
    className: 'chat',
    startedAtMs: nowMs,
    durationMs: 1,
    outcome: 'failed',
  };
  const ended = (code: 'upstream_error' | 'rate_limit_exceeded', candidates: Candidate[]) =>
    exhaustedError(
      { kind: 'exhausted', code, attempts: [attempt], retryAfterMs: 30_000 },
      candidates,
      nowMs,
    );

  it('is out of order for a while when it was the last try', () => {
    const candidates = [out('last-try', 'a', 8_000), out('unhealthy', 'b', 9_000)];
    expect(ended('upstream_error', candidates)).toMatchObject({
      code: 'no_candidate',
      retryAfterMs: 8_000,
    });
  });

  it('names the soonest of all that limit the rate, asked or not', () => {
    const candidates = [out('rate-limited', 'b', 4_000)];
    expect(ended('rate_limit_exceeded', candidates).retryAfterMs).toBe(4_000);
    expect(ended('upstream_error', candidates).retryAfterMs).toBeUndefined();
  });
});
