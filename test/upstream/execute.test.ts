import { getEventListeners } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createDemoProvider } from '../../src/upstream/demo-provider.ts';
import type { CallEnd, Health } from '../../src/upstream/health/health.ts';
import { createRetries } from '../../src/upstream/retries.ts';
import {
  completion,
  contentFrames,
  json,
  reset,
  type Step,
  sse,
  stall,
  stallInBody,
} from '../support/scripted-upstream.ts';
import {
  collect,
  createPlanFixture,
  expectKind,
  makeTarget,
  type PlanFixture,
} from './plan-fixture.ts';

let plan: PlanFixture;
const first = makeTarget({ model: 'first' });
const second = makeTarget({ model: 'second', className: 'math' });
const brokenHead =
  'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n';
const error = (message: string, code?: string) => ({ error: { message, code } });

beforeEach(async () => {
  plan = await createPlanFixture();
  plan.upstream.scriptModel('second', json(200, completion('from the second')));
});

afterEach(async () => {
  expect(plan.clock.pending()).toBe(0);
  await plan.close();
});

describe('execute, plain replies', () => {
  it('passes the reply of the first model on, byte for byte', async () => {
    const bytes = Buffer.from(
      '{ "x": 1.0, "choices" : [], "n": 12345678901234567890, "error": null }\n',
    );
    plan.upstream.script(
      json(200, bytes, {
        'x-request-id': 'req_1',
        'openai-processing-ms': '12',
        'x-ratelimit-remaining-requests': '9',
        'openai-organization': 'secret-org',
        'set-cookie': 'a=b',
        server: 'x',
      }),
    );
    const reply = expectKind(await plan.run([first, second]), 'reply');
    expect(reply.body.equals(bytes)).toBe(true);
    expect(reply).toMatchObject({ status: 200, target: first });
    expect(reply.headers).toEqual({
      'content-type': 'application/json',
      'openai-processing-ms': '12',
      'x-ratelimit-remaining-requests': '9',
    });
    expect(reply.attempts).toMatchObject([{ model: 'first', provider: 'scripted', outcome: 'ok' }]);
    expect(plan.told).toEqual(reply.attempts);
    expect(plan.upstream.requests).toHaveLength(1);
  });

  it.each([
    ['500', json(500, error('boom')), 'server-error'],
    ['529', json(529, error('overloaded')), 'server-error'],
    ['503 whose body is torn', tornBody(503), 'server-error'],
    ['401', json(401, error('bad key sk-test-secret')), 'auth'],
    ['402', json(402, error('pay')), 'auth'],
    ['403', json(403, error('no')), 'auth'],
    ['404', json(404, error('no such model')), 'model-missing'],
    ['408', json(408, error('slow')), 'request-timeout'],
    ['409', json(409, error('busy')), 'conflict'],
    ['425', json(425, error('early')), 'too-early'],
    ['429', json(429, error('slow down'), { 'retry-after': '3' }), 'rate-limited'],
    ['a reset', reset, 'reset'],
    ['a torn body', tornBody(200), 'reset'],
    ['something that is not HTTP', socketEnd('garbage\r\n\r\n'), 'broken-reply'],
    ['a body that is not HTTP', socketEnd(`${brokenHead}zz\r\n`), 'broken-reply'],
    ['an error inside a 200', json(200, error('Overloaded')), 'broken-reply'],
    ['half a JSON', json(200, '{"choices":[{"message"'), 'broken-reply'],
    ['JSON that is no object', json(200, 'null'), 'broken-reply'],
    ['a web page', json(200, '<html>', { 'content-type': 'text/html' }), 'broken-reply'],
    ['JSON as a web page', json(200, '{}', { 'content-type': 'text/html' }), 'broken-reply'],
    ['a redirect', json(302, '', { location: '/elsewhere' }), 'broken-reply'],
  ])('goes on to the next model after %s', async (_what, step, cause) => {
    plan.upstream.scriptModel('first', step);
    const reply = expectKind(await plan.run([first, second]), 'reply');
    expect(reply.target).toBe(second);
    expect(reply.attempts).toMatchObject([
      { model: 'first', className: 'coding', outcome: 'failed', failure: { cause } },
      { model: 'second', className: 'math', outcome: 'ok' },
    ]);
    expect(JSON.stringify(plan.told)).not.toContain('sk-test-secret');
  });

  it('goes on when a provider can not be reached', async () => {
    const demo = createDemoProvider({ name: 'demo', clock: plan.clock });
    const refused = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
    const dead = { ...demo, call: () => Promise.reject(refused) };
    const reply = expectKind(
      await plan.run([first, second], {
        providers: () => (plan.told.length === 0 ? dead : demo),
      }),
      'reply',
    );
    expect(reply.attempts[0]?.failure).toMatchObject({ cause: 'connect' });
  });

  it('never retries the same model', async () => {
    plan.upstream.scriptModel('first', json(500, error('boom')), json(200, completion('late')));
    await plan.run([first, second]);
    expect(plan.upstream.requests.map(({ json: { model } }) => model)).toEqual(['first', 'second']);
  });

  it.each([400, 413, 422])('stops at %i and passes on what the provider says', async (status) => {
    const body = '{ "error":{"message":"bad","type":"t","param":"n","code":null, "extra":1.0} }';
    plan.upstream.scriptModel('first', json(status, body, { 'set-cookie': 'a=b' }));
    const refused = expectKind(await plan.run([first, second]), 'refused');
    expect(refused).toMatchObject({ status, target: first });
    expect(refused.body.toString()).toBe(body);
    expect(refused.headers).toEqual({ 'content-type': 'application/json' });
    expect(refused.attempts).toMatchObject([{ outcome: 'stopped', failure: { status } }]);
    expect(plan.upstream.requests).toHaveLength(1);
  });

  it('says a refusal in its own words when the provider sent no JSON', async () => {
    plan.upstream.script(json(400, '<h1>Bad Request</h1>', { 'content-type': 'text/html' }));
    const refused = expectKind(await plan.run([first]), 'refused');
    expect(refused.headers['content-type']).toBe('application/json');
    expect(JSON.parse(refused.body.toString())).toEqual({
      error: {
        message: 'HTTP 400',
        type: 'invalid_request_error',
        param: null,
        code: 'invalid_request',
      },
    });
  });

  it('does not hide a bug behind a fallback', async () => {
    const demo = createDemoProvider({ name: 'demo', clock: plan.clock });
    const buggy = { ...demo, call: () => Promise.reject(new TypeError('oops')) };
    await expect(plan.run([first, second], { providers: () => buggy })).rejects.toThrow('oops');
  });
});

describe('execute, prompts that are too long', () => {
  const tooLong = json(
    400,
    error('This model has a context length of 8', 'context_length_exceeded'),
  );
  const small = makeTarget({ model: 'small', contextWindow: 8_000 });
  const equal = makeTarget({ model: 'equal', contextWindow: 8_000 });
  const unknown = makeTarget({ model: 'unknown' });
  const large = makeTarget({ model: 'large', contextWindow: 128_000 });

  it('asks only models with a larger window from then on', async () => {
    plan.upstream.scriptModel('small', tooLong);
    plan.upstream.scriptModel('large', json(200, completion('fits')));
    const reply = expectKind(await plan.run([small, equal, unknown, large]), 'reply');
    expect(reply.attempts.map(({ model }) => model)).toEqual(['small', 'large']);
  });

  it('goes beyond the allowed attempts for a larger window, and for nothing else', async () => {
    const reserve = { ...large, isReserve: true };
    plan.upstream.scriptModel('small', tooLong);
    plan.upstream.scriptModel('large', json(200, completion('fits')));
    const reply = expectKind(await plan.run([small, reserve]), 'reply');
    expect(reply.attempts.map(({ model }) => model)).toEqual(['small', 'large']);
    plan.upstream.scriptModel('small', json(503, error('down')));
    const exhausted = expectKind(await plan.run([small, reserve]), 'exhausted');
    expect(exhausted.attempts.map(({ model }) => model)).toEqual(['small']);
  });

  it('tells the client when no window is larger', async () => {
    plan.upstream.scriptModel('small', tooLong);
    const refused = expectKind(await plan.run([small, equal]), 'refused');
    expect(refused).toMatchObject({ status: 400, target: small });
    expect(JSON.parse(refused.body.toString()).error.code).toBe('context_length_exceeded');
  });

  it('tells the client when waiting for the larger model would not help', async () => {
    plan.upstream.scriptModel('small', tooLong);
    plan.upstream.scriptModel('large', json(401, error('bad key')));
    expect(await plan.run([small, large])).toMatchObject({ kind: 'refused', target: small });
  });

  it('does not call the prompt too long when a larger model was only busy', async () => {
    plan.upstream.scriptModel('small', tooLong);
    plan.upstream.scriptModel('large', json(429, error('busy'), { 'retry-after': '2' }));
    const exhausted = expectKind(await plan.run([small, large]), 'exhausted');
    expect(exhausted).toMatchObject({ code: 'rate_limit_exceeded', retryAfterMs: 2_000 });
  });
});

describe('execute, asking again', () => {
  const retries = createRetries({ perModel: 1, waitMs: 5_000, share: 0.2 }, () => 1);

  /** Lets the plan go on until it waits, then time. */
  async function whileWaiting(ms: number): Promise<void> {
    await vi.waitFor(() => expect(plan.clock.pending()).toBe(1));
    plan.clock.advance(ms);
  }

  it('asks the same model once more before the next', async () => {
    plan.upstream.scriptModel('first', json(503, error('down')), json(200, completion('again')));
    const running = plan.run([first, second], { retries });
    await whileWaiting(250);
    const reply = expectKind(await running, 'reply');
    expect(reply.target).toBe(first);
    expect(reply.attempts.map(({ model, outcome }) => [model, outcome])).toEqual([
      ['first', 'failed'],
      ['first', 'ok'],
    ]);
    expect(plan.told).toHaveLength(2);
  });

  it('waits as long as the provider asks, where the request has that time', async () => {
    plan.upstream.scriptModel(
      'first',
      json(429, error('busy'), { 'retry-after': '2' }),
      json(429, error('busy'), { 'retry-after': '9' }),
    );
    const running = plan.run([first, second], { retries });
    await whileWaiting(2_000);
    const reply = expectKind(await running, 'reply');
    expect(reply.attempts.map(({ model }) => model)).toEqual(['first', 'first', 'second']);
    const atOnce = expectKind(await plan.run([first, second], { retries }), 'reply');
    expect(atOnce.attempts.map(({ model }) => model)).toEqual(['first', 'second']);
  });

  it('ends the wait when the client leaves', async () => {
    plan.upstream.scriptModel('first', json(503, error('down')));
    const client = new AbortController();
    const running = plan.run([first, second], { retries, signal: client.signal });
    await vi.waitFor(() => expect(plan.clock.pending()).toBe(1));
    client.abort();
    expectKind(await running, 'client-gone');
    expect(getEventListeners(client.signal, 'abort')).toEqual([]);
  });
});

describe('execute, with some out of order', () => {
  it('tells the health of each how its call ended, a stream’s at its end', async () => {
    const ends: string[] = [];
    const health: Pick<Health, 'admit'> = {
      admit: ({ model }) => ({
        settle: (end) => ends.push(`${model} ${end.kind}`),
      }),
    };
    plan.upstream.scriptModel('first', json(503, error('down')));
    plan.upstream.scriptModel('second', sse(contentFrames('Hel', 'lo')));
    const streamed = expectKind(
      await plan.run([first, second], { health, stream: true }),
      'stream',
    );
    expect(ends).toEqual(['first failed']);
    await collect(streamed.frames);
    await streamed.finished;
    expect(ends).toEqual(['first failed', 'second ok']);
  });

  it('passes over what is not to be asked any more', async () => {
    const health: Pick<Health, 'admit'> = {
      admit: ({ model }) => (model === 'first' ? undefined : { settle() {} }),
    };
    const reply = expectKind(await plan.run([first, second], { health }), 'reply');
    expect(reply.attempts.map(({ model }) => model)).toEqual(['second']);
    const nobody = expectKind(await plan.run([first], { health }), 'exhausted');
    expect(nobody).toMatchObject({ code: 'no_candidate', attempts: [] });
  });

  it('forces the one that gets a last try', async () => {
    const forced: unknown[] = [];
    const health: Pick<Health, 'admit'> = {
      admit: (_, how) => {
        forced.push(how?.force);
        return { settle() {} };
      },
    };
    await plan.run([{ ...second, isLastTry: true }], { health });
    await plan.run([second], { health });
    expect(forced).toEqual([true, false]);
  });

  it('gives its permits back when something goes wrong on our side', async () => {
    const ends: string[] = [];
    const demo = createDemoProvider({ name: 'demo', clock: plan.clock });
    const buggy = { ...demo, call: () => Promise.reject(new TypeError('oops')) };
    const health = { admit: () => ({ settle: ({ kind }: CallEnd) => void ends.push(kind) }) };
    await expect(plan.run([first], { health, providers: () => buggy })).rejects.toThrow('oops');
    expect(ends).toEqual(['client-gone']);
  });
});

describe('execute, with nobody left to ask', () => {
  it('is rate limited when all are, until the first of them is free', async () => {
    plan.upstream.scriptModel('first', json(429, error('a'), { 'retry-after': '30' }));
    plan.upstream.scriptModel('second', json(429, error('b'), { 'retry-after-ms': '1500' }));
    const third = makeTarget({ model: 'third' });
    plan.upstream.scriptModel('third', json(429, error('c')));
    const exhausted = expectKind(await plan.run([first, second, third]), 'exhausted');
    expect(exhausted).toMatchObject({ code: 'rate_limit_exceeded', retryAfterMs: 1_500 });
    expect(exhausted.attempts).toHaveLength(3);
  });

  it('is an upstream error when they failed in different ways', async () => {
    plan.upstream.scriptModel('first', json(429, error('a'), { 'retry-after': '30' }));
    plan.upstream.scriptModel('second', json(401, error('b')));
    const exhausted = expectKind(await plan.run([first, second]), 'exhausted');
    expect(exhausted).toMatchObject({ code: 'upstream_error' });
    expect(exhausted).not.toHaveProperty('retryAfterMs');
  });

  it('has no candidate when none is usable, or none is there', async () => {
    plan.upstream.scriptModel('first', json(401, error('a')));
    plan.upstream.scriptModel('second', json(404, error('b')));
    expect(await plan.run([first, second])).toMatchObject({ code: 'no_candidate' });
    expect(await plan.run([])).toEqual({ kind: 'exhausted', code: 'no_candidate', attempts: [] });
  });
});

describe('execute, when time runs out', () => {
  it('goes on when a plain reply takes longer than its attempt may', async () => {
    plan.upstream.scriptModel('first', stallInBody(200, '{"choices":'));
    const running = plan.run([first, second]);
    const request = await plan.upstream.nextRequest();
    plan.clock.advance(20_000);
    await request.aborted;
    const reply = expectKind(await running, 'reply');
    expect(reply.attempts[0]).toMatchObject({ durationMs: 20_000, failure: { cause: 'timeout' } });
  });

  it('ends the plan at its deadline, whoever is being asked', async () => {
    plan.upstream.script(stall);
    plan.upstream.scriptModel('second', stall);
    const running = plan.run([first, second, makeTarget({ model: 'third' })], {
      deadlineMs: 25_000,
    });
    await plan.upstream.nextRequest();
    plan.clock.advance(20_000);
    const request = await plan.upstream.nextRequest();
    plan.clock.advance(5_000);
    await request.aborted;
    const exhausted = expectKind(await running, 'exhausted');
    expect(exhausted.code).toBe('upstream_timeout');
    expect(exhausted.attempts).toMatchObject([
      { model: 'first', failure: { cause: 'timeout' } },
      { model: 'second', durationMs: 5_000, outcome: 'failed', failure: { cause: 'deadline' } },
    ]);
  });

  it('asks nobody when there is no time at all', async () => {
    const exhausted = await plan.run([first], { deadlineMs: 0 });
    expect(exhausted).toEqual({ kind: 'exhausted', code: 'upstream_timeout', attempts: [] });
    expect(plan.upstream.requests).toHaveLength(0);
  });

  it('judges an error by its status when its body never comes', async () => {
    plan.upstream.scriptModel('first', stallInBody(503, '{"error":'));
    const running = plan.run([first, second]);
    await plan.upstream.nextRequest();
    await until(() => plan.clock.pending() === 2);
    plan.clock.advance(3_000);
    const reply = expectKind(await running, 'reply');
    expect(reply.attempts[0]?.failure).toMatchObject({ cause: 'server-error', status: 503 });
  });
});

describe('execute, when the client is gone', () => {
  it.each([
    ['before the reply', stall],
    ['within the reply', stallInBody(200, '{"choices":')],
    ['within an error', stallInBody(500, '{"error":')],
    ['within a stream without content', sse([': ping\n\n'], { end: 'stall' })],
  ])('aborts the call %s and asks nobody else', async (when, step) => {
    plan.upstream.script(step);
    const controller = new AbortController();
    const stream = when.includes('stream');
    const running = plan.run([first, second], { signal: controller.signal, stream });
    const request = await plan.upstream.nextRequest();
    controller.abort();
    await request.aborted;
    const gone = expectKind(await running, 'client-gone');
    expect(gone.attempts).toMatchObject([{ model: 'first', outcome: 'client-gone' }]);
    expect(plan.told).toEqual(gone.attempts);
    expect(plan.upstream.requests).toHaveLength(1);
  });

  it('asks nobody at all when it left before', async () => {
    const gone = await plan.run([first], { signal: AbortSignal.abort() });
    expect(gone).toEqual({ kind: 'client-gone', attempts: [] });
    expect(plan.upstream.requests).toHaveLength(0);
  });

  it('leaves no listener behind on a signal that outlives the request', async () => {
    const controller = new AbortController();
    plan.upstream.scriptModel('first', sse(contentFrames('Hi')));
    const streaming = { stream: true, signal: controller.signal };
    const stream = expectKind(await plan.run([first], streaming), 'stream');
    await collect(stream.frames);
    await stream.finished;
    await plan.run([second], { signal: controller.signal });
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
  });
});

function socketEnd(bytes: string): Step {
  return (response) => void response.socket?.end(bytes);
}

function tornBody(status: number) {
  return sse(['{"choices":'], {
    end: 'cut',
    status,
    headers: { 'content-type': 'application/json' },
  });
}

/** Lets the network go on until this holds; the clock stands still meanwhile. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}
