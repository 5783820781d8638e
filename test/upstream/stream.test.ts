import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDemoProvider } from '../../src/upstream/demo-provider.ts';
import {
  chunk,
  completion,
  contentFrames,
  json,
  type SseOptions,
  sse,
  stall,
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
const second = makeTarget({ model: 'second' });
const role = chunk({ role: 'assistant', content: '' });
const done = 'data: [DONE]\n\n';

beforeEach(async () => {
  plan = await createPlanFixture();
  plan.upstream.scriptModel('second', sse(contentFrames('from the second')));
});

afterEach(async () => {
  expect(plan.clock.pending()).toBe(0);
  await plan.close();
});

async function runStream(signal = new AbortController().signal) {
  return expectKind(await plan.run([first, second], { stream: true, signal }), 'stream');
}

/** The error in the last frame, which must be the only one. */
function inBandError(text: string): { message: string; code: string } {
  expect(text).not.toContain('[DONE]');
  expect(text.split('"error"')).toHaveLength(2);
  const last = text.trimEnd().split('\n\n').at(-1) ?? '';
  const { error } = JSON.parse(last.replace(/^data: /, ''));
  expect(Object.keys(error)).toEqual(['message', 'type', 'param', 'code']);
  return error;
}

describe('a stream before its first content', () => {
  it('is passed on byte for byte once the content is there', async () => {
    const frames = [
      ': ping\r\n\r\n',
      'data: {"choices":[{"delta":{"role":"assistant"}}],"x":1.0}\n\n',
      'id: 7\nevent: message\ndata: {"choices":[{"delta":{"content":"é😀"}}],\ndata: "n":1e400}\n\n',
      'data: {"choices":[{"delta":{"content":""},"finish_reason":"stop"}]}\r\r',
      'data: {"choices":[],"usage":{"total_tokens":3}}\n\n',
    ];
    const bytes = Buffer.from(frames.join(''));
    // Cut everywhere, also within characters.
    const pieces = Array.from({ length: Math.ceil(bytes.length / 7) }, (_, index) =>
      bytes.subarray(index * 7, index * 7 + 7),
    );
    plan.upstream.scriptModel('first', sse(pieces, { headers: { 'set-cookie': 'a=b' } }));
    const stream = await runStream();
    expect(stream.headers).toEqual({ 'content-type': 'text/event-stream' });
    expect(stream.target).toBe(first);
    expect(await collect(stream.frames)).toBe(frames.join('') + done);
    expect(await stream.finished).toMatchObject({ kind: 'done', durationMs: 0 });
    expect(plan.told).toMatchObject([{ model: 'first', outcome: 'ok', firstContentMs: 0 }]);
  });

  it.each([
    ['is cut', sse([role], { end: 'cut' })],
    ['ends', sse([role], { end: 'clean' })],
    ['is done without content', sse([role])],
    ['finishes and is cut', sse([role, chunk({}, 'stop')], { end: 'cut' })],
    ['carries an error', sse([role, 'data: {"error":{"message":"Overloaded"}}\n\n'])],
    ['is not JSON', sse([role, 'data: {"choices"\n\n'])],
    ['is a plain reply', json(200, completion('Hi'))],
    ['is a plain error', json(200, { error: { message: 'Overloaded' } })],
    ['is an HTTP error', json(503, { error: { message: 'Overloaded' } })],
  ])('gives way to the next model when it %s', async (_what, step) => {
    plan.upstream.scriptModel('first', step);
    const stream = await runStream();
    expect(stream.target).toBe(second);
    expect(await collect(stream.frames)).toBe(contentFrames('from the second').join('') + done);
    expect(stream.attempts).toMatchObject([{ outcome: 'failed' }, { outcome: 'ok' }]);
    await stream.finished;
  });

  it.each([
    ['nothing comes', stall],
    ['only pings come', sse([': ping\n\n', role], { end: 'stall' })],
  ])('gives way when %s for too long', async (_what, step) => {
    plan.upstream.scriptModel('first', step);
    const running = runStream();
    const request = await plan.upstream.nextRequest();
    plan.clock.advance(2_000);
    await request.aborted;
    const stream = await running;
    expect(stream.attempts[0]?.failure).toMatchObject({
      cause: 'timeout',
      message: 'no content after 2000 ms',
    });
    await collect(stream.frames);
    await stream.finished;
  });

  it('stops at an error that is the client’s own, with the status it names', async () => {
    const error = '{"error":{"message":"bad image","code":400}}';
    plan.upstream.scriptModel('first', sse([role, `data: ${error}\n\n`]));
    const refused = expectKind(await plan.run([first, second], { stream: true }), 'refused');
    expect(refused).toMatchObject({ status: 400, headers: { 'content-type': 'application/json' } });
    expect(refused.body.toString()).toBe(error);
  });

  it('passes an empty completion on', async () => {
    const frames = [role, chunk({}, 'stop')];
    plan.upstream.scriptModel('first', sse(frames));
    const stream = await runStream();
    expect(await collect(stream.frames)).toBe(frames.join('') + done);
    expect(await stream.finished).toMatchObject({ kind: 'done' });
  });
});

describe('a stream after its first content', () => {
  const opening = [role, chunk({ content: 'Hello' })];

  async function open(
    rest: readonly string[],
    end: NonNullable<SseOptions['end']>,
    signal = new AbortController().signal,
  ) {
    plan.upstream.scriptModel('first', sse([...opening, ...rest], { end }));
    const stream = await runStream(signal);
    const request = await plan.upstream.nextRequest();
    const frames = stream.frames[Symbol.asyncIterator]();
    return { stream, request, frames };
  }

  it.each([
    ['is cut', [], 'cut', 'upstream_error'],
    ['ends without [DONE]', [chunk({}, 'stop')], 'clean', 'upstream_error'],
    [
      'carries an error',
      ['data: {"error":{"message":"boom"}}\n\n', role],
      'done',
      'upstream_error',
    ],
    ['carries an error event', ['event: error\ndata: boom\n\n'], 'done', 'upstream_error'],
    ['carries a rate limit', ['data: {"error":{"code":429}}\n\n'], 'done', 'rate_limit_exceeded'],
    ['is no longer JSON', ['data: {"choi\n\n'], 'done', 'upstream_error'],
    ['is cut within a frame', ['data: {"choices":[{"delta'], 'cut', 'upstream_error'],
  ] as const)('tells the client when it %s', async (_what, rest, end, code) => {
    const { stream } = await open(rest, end);
    const text = await collect(stream.frames);
    expect(text.startsWith(opening.join(''))).toBe(true);
    expect(inBandError(text)).toMatchObject({ code });
    expect(await stream.finished).toMatchObject({ kind: 'failed' });
    expect(plan.told).toMatchObject([{ model: 'first', outcome: 'failed', firstContentMs: 0 }]);
    expect(plan.upstream.requests).toHaveLength(1);
  });

  it('tells the client when it falls silent', async () => {
    const { stream, request, frames } = await open([], 'stall');
    await frames.next();
    await frames.next();
    const next = frames.next();
    plan.clock.advance(3_000);
    expect(inBandError(String((await next).value))).toMatchObject({
      code: 'upstream_timeout',
      message: 'The stream broke off: silent for 3000 ms.',
    });
    expect((await frames.next()).done).toBe(true);
    await request.aborted;
    expect(await stream.finished).toMatchObject({
      durationMs: 3_000,
      failure: { cause: 'timeout' },
    });
  });

  it('does not count the time that the client takes as silence', async () => {
    const rest = [chunk({ content: ', you' }), chunk({ content: '!' }, 'stop')];
    const { stream, frames } = await open(rest, 'done');
    for (let read = 0; read < opening.length + 1; read += 1) await frames.next();
    plan.clock.advance(10_000);
    const text = await collect({ [Symbol.asyncIterator]: () => frames });
    expect(text.endsWith(done)).toBe(true);
    await stream.finished;
  });

  it('ends at the total time of its attempt even when nobody reads it, which is not the fault of the model', async () => {
    const { stream, request } = await open([], 'stall');
    plan.clock.advance(20_000);
    await request.aborted;
    expect(await stream.finished).toMatchObject({ kind: 'failed', failure: { cause: 'deadline' } });
    expect(inBandError(await collect(stream.frames))).toMatchObject({ code: 'upstream_timeout' });
  });

  it('ends at the deadline of the plan', async () => {
    plan.upstream.scriptModel('first', sse(opening, { end: 'stall' }));
    const stream = expectKind(
      await plan.run([first], { stream: true, deadlineMs: 5_000 }),
      'stream',
    );
    plan.clock.advance(5_000);
    expect(await stream.finished).toMatchObject({ failure: { cause: 'deadline' } });
    expect(inBandError(await collect(stream.frames))).toMatchObject({ code: 'upstream_timeout' });
  });

  it('forwards [DONE] once and nothing after it', async () => {
    const { stream } = await open([chunk({}, 'stop'), done, role, done], 'done');
    const text = await collect(stream.frames);
    expect(text).toBe([...opening, chunk({}, 'stop'), done].join(''));
    expect(await stream.finished).toMatchObject({ kind: 'done' });
  });

  it('does not wait for a connection that stays open after [DONE]', async () => {
    const { stream, request } = await open([chunk({}, 'stop'), done], 'stall');
    expect((await collect(stream.frames)).endsWith(done)).toBe(true);
    plan.clock.advance(1_000);
    await request.aborted;
    expect(await stream.finished).toMatchObject({ kind: 'done', durationMs: 0 });
  });

  it('leaves the connection usable for the next call', async () => {
    const ports: unknown[] = [];
    let endBody = () => {};
    plan.upstream.script(async (response, request) => {
      ports.push(response.socket?.remotePort);
      await sse([...contentFrames('Hi'), done], { end: 'stall' })(response, request);
      endBody = () => void response.end();
    });
    for (let count = 0; count < 5; count += 1) {
      const stream = await runStream();
      await collect(stream.frames);
      endBody();
      await stream.finished;
    }
    // undici frees a connection a moment after its reply, so a second one may come into play.
    expect(new Set(ports).size).toBeLessThanOrEqual(2);
  });

  it('aborts the call when the client is gone, and says nothing more', async () => {
    const controller = new AbortController();
    const { stream, request, frames } = await open([], 'stall', controller.signal);
    await frames.next();
    const pending = [frames.next(), frames.next()];
    controller.abort();
    await request.aborted;
    expect((await Promise.all(pending)).at(-1)).toMatchObject({ done: true });
    expect(await stream.finished).toEqual({ kind: 'client-gone', durationMs: 0 });
    expect(plan.told).toEqual([{ ...stream.attempts[0], durationMs: 0, outcome: 'client-gone' }]);
  });

  it('aborts the call when the client is gone before it has read anything', async () => {
    const controller = new AbortController();
    const { stream, request } = await open([], 'stall', controller.signal);
    controller.abort();
    await request.aborted;
    expect(await stream.finished).toMatchObject({ kind: 'client-gone' });
    expect(await collect(stream.frames)).toBe('');
  });

  it('aborts the call when the reader stops reading', async () => {
    const { stream, request } = await open([], 'stall');
    for await (const frame of stream.frames) {
      expect(String(frame)).toBe(role);
      break;
    }
    await request.aborted;
    expect(await stream.finished).toMatchObject({ kind: 'client-gone' });
  });

  it('never throws, whatever the provider does', async () => {
    const demo = createDemoProvider({ name: 'demo', clock: plan.clock });
    async function* body() {
      yield Buffer.from(opening.join(''));
      throw new TypeError('a bug');
    }
    const headers = { 'content-type': 'text/event-stream' };
    const call = async () => ({ status: 200, headers, body: body() });
    const stream = expectKind(
      await plan.run([first], { stream: true, providers: () => ({ ...demo, call }) }),
      'stream',
    );
    expect(inBandError(await collect(stream.frames))).toMatchObject({ code: 'upstream_error' });
    expect(await stream.finished).toMatchObject({ kind: 'failed' });
  });
});
