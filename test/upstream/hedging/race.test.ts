import { getEventListeners } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ExecuteOptions } from '../../../src/upstream/execute.ts';
import type { Health } from '../../../src/upstream/health/health.ts';
import { createHedging } from '../../../src/upstream/hedging/hedging.ts';
import type { ProviderReply } from '../../../src/upstream/provider.ts';
import { createRetries } from '../../../src/upstream/retries.ts';
import type { Target } from '../../../src/upstream/target.ts';
import {
  completion,
  contentFrames,
  json,
  type Step,
  sse,
  stall,
} from '../../support/scripted-upstream.ts';
import {
  collect,
  createPlanFixture,
  expectKind,
  makeTarget,
  type PlanFixture,
} from '../plan-fixture.ts';

/** How long every model took so far, and after how long it is late therefore. */
const usualMs = 1_000;
const first = makeTarget({ model: 'first' });
const second = makeTarget({ model: 'second', className: 'math' });
const third = makeTarget({ model: 'third' });
const error = (message: string) => ({ error: { message } });

let plan: PlanFixture;
let client: AbortController;

beforeEach(async () => {
  plan = await createPlanFixture();
  client = new AbortController();
});

afterEach(async () => {
  expect(plan.clock.pending()).toBe(0);
  expect(getEventListeners(client.signal, 'abort')).toEqual([]);
  await plan.close();
});

interface RunOptions extends Partial<Omit<ExecuteOptions, 'request'>> {
  readonly stream?: boolean;
  /** Of the requests that may be hedged. */
  readonly share?: number;
}

function run(targets: readonly Target[], { share = 1, ...options }: RunOptions = {}) {
  const { stream = false } = options;
  const hedging = createHedging({
    settings: { share, costShare: 1, minimumCalls: 1 },
    pricesOf: () => ({ input: 1, output: 1 }),
    clock: plan.clock,
  }).forRequest({ request: { protocol: 'chat', json: {}, stream }, promptTokens: 10, targets });
  for (const { model, provider, className } of targets) {
    const facts = { model, provider, className, startedAtMs: 0, durationMs: usualMs };
    hedging.observe({ ...facts, outcome: 'ok' });
  }
  return plan.run(targets, { hedging, signal: client.signal, ...options });
}

/** Lets the first model become late, and both be asked; gives what each was asked. */
async function letFirstBeLate() {
  const ofFirst = await plan.upstream.nextRequest();
  plan.clock.advance(usualMs);
  const ofSecond = await plan.upstream.nextRequest();
  expect([ofFirst.json['model'], ofSecond.json['model']]).toEqual(['first', 'second']);
  return [ofFirst, ofSecond] as const;
}

/** Does what the step does once it is told to. */
function onceTold(step: Step): { readonly step: Step; tell(): void } {
  let tell = () => {};
  const told = new Promise<void>((resolve) => {
    tell = resolve;
  });
  return { step: (...how) => told.then(() => step(...how)), tell: () => tell() };
}

function watchEnds(): { readonly ends: string[]; readonly health: Pick<Health, 'admit'> } {
  const ends: string[] = [];
  const admit: Health['admit'] = ({ model }) => ({
    settle: ({ kind }) => void ends.push(`${model} ${kind}`),
  });
  return { ends, health: { admit } };
}

describe('a model that is late', () => {
  it('is broken off when the next one has content sooner', async () => {
    const { ends, health } = watchEnds();
    plan.upstream.scriptModel('first', sse([': ping\n\n'], { end: 'stall' }));
    plan.upstream.scriptModel('second', sse(contentFrames('from the ', 'second')));
    const running = run([first, second, third], { stream: true, health });
    const [ofFirst] = await letFirstBeLate();
    const stream = expectKind(await running, 'stream');
    await ofFirst.aborted;
    expect(stream.target).toBe(second);
    expect(await collect(stream.frames)).toBe(
      `${contentFrames('from the ', 'second').join('')}data: [DONE]\n\n`,
    );
    await stream.finished;
    const attempts = [
      { model: 'first', outcome: 'outrun', durationMs: usualMs },
      { model: 'second', outcome: 'ok', isHedge: true, firstContentMs: 0 },
    ];
    expect(stream.attempts).toMatchObject(attempts);
    expect(plan.told).toMatchObject(attempts);
    expect(ends).toEqual(['first client-gone', 'second ok']);
    expect(plan.upstream.requests).toHaveLength(2);
  });

  it('serves when it has content sooner all the same', async () => {
    const late = onceTold(sse(contentFrames('late')));
    plan.upstream.scriptModel('first', late.step);
    plan.upstream.scriptModel('second', stall);
    const running = run([first, second], { stream: true });
    const [, ofSecond] = await letFirstBeLate();
    late.tell();
    const stream = expectKind(await running, 'stream');
    await ofSecond.aborted;
    expect(await collect(stream.frames)).toContain('late');
    await stream.finished;
    expect(plan.told).toMatchObject([
      { model: 'second', outcome: 'outrun', isHedge: true },
      { model: 'first', outcome: 'ok' },
    ]);
    expect(plan.told[1]).not.toHaveProperty('isHedge');
  });

  it('is broken off within a plain reply when the next one has the whole of its own', async () => {
    plan.upstream.scriptModel('first', (response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.write('{"choices":');
    });
    plan.upstream.scriptModel('second', json(200, completion('whole')));
    const running = run([first, second]);
    const [ofFirst] = await letFirstBeLate();
    const reply = expectKind(await running, 'reply');
    await ofFirst.aborted;
    expect(reply.target).toBe(second);
    expect(plan.told).toEqual(reply.attempts);
    expect(reply.attempts.map(({ outcome }) => outcome)).toEqual(['outrun', 'ok']);
  });

  it('is outrun while it waits to be asked again', async () => {
    plan.upstream.scriptModel('first', json(429, error('busy'), { 'retry-after': '5' }));
    plan.upstream.scriptModel('second', json(200, completion('sooner')));
    const retries = createRetries({ perModel: 1, waitMs: 5_000, share: 1 }, () => 0);
    const running = run([first, second], { retries });
    await vi.waitFor(() => expect(plan.clock.pending()).toBe(2));
    plan.clock.advance(usualMs);
    const reply = expectKind(await running, 'reply');
    expect(reply.attempts).toMatchObject([
      { model: 'first', outcome: 'failed' },
      { model: 'second', outcome: 'ok', isHedge: true },
    ]);
  });

  it('goes on alone when the other one fails, which is not asked again', async () => {
    const late = onceTold(json(200, completion('late')));
    plan.upstream.scriptModel('first', late.step);
    plan.upstream.scriptModel('second', json(503, error('down')));
    const retries = createRetries({ perModel: 1, waitMs: 5_000, share: 1 }, () => 0);
    const { ends, health } = watchEnds();
    const running = run([first, second, third], { health, retries });
    await letFirstBeLate();
    await vi.waitFor(() => expect(ends).toEqual(['second failed']));
    // The time that the first may take, and no wait for another try.
    expect(plan.clock.pending()).toBe(1);
    late.tell();
    const reply = expectKind(await running, 'reply');
    expect(reply.target).toBe(first);
    expect(plan.told.map(({ model, outcome }) => `${model} ${outcome}`)).toEqual([
      'second failed',
      'first ok',
    ]);
    expect(plan.upstream.requests).toHaveLength(2);
  });

  it('leaves the request to the other one when it fails', async () => {
    const late = onceTold(json(503, error('down')));
    const later = onceTold(json(200, completion('later')));
    plan.upstream.scriptModel('first', late.step);
    plan.upstream.scriptModel('second', later.step);
    const { ends, health } = watchEnds();
    const running = run([first, second, third], { health });
    await letFirstBeLate();
    late.tell();
    await vi.waitFor(() => expect(ends).toEqual(['first failed']));
    later.tell();
    expect(expectKind(await running, 'reply').target).toBe(second);
    expect(plan.upstream.requests).toHaveLength(2);
  });

  it('is followed by the candidates that are left when both fail', async () => {
    const late = onceTold(json(503, error('down')));
    plan.upstream.scriptModel('first', late.step);
    plan.upstream.scriptModel('second', json(500, error('broken')));
    plan.upstream.scriptModel('third', json(200, completion('third')));
    const running = run([first, second, third]);
    await letFirstBeLate();
    late.tell();
    const reply = expectKind(await running, 'reply');
    expect(reply.target).toBe(third);
    expect(reply.attempts.map(({ model }) => model).toSorted()).toEqual([
      'first',
      'second',
      'third',
    ]);
    expect(reply.attempts.at(-1)).not.toHaveProperty('isHedge');
  });

  it('is not hedged once it has failed: the next attempt is one like any other', async () => {
    plan.upstream.scriptModel('first', json(503, error('down')));
    plan.upstream.scriptModel('second', json(200, completion('second')));
    const reply = expectKind(await run([first, second]), 'reply');
    expect(reply.attempts).toMatchObject([{ outcome: 'failed' }, { outcome: 'ok' }]);
    expect(reply.attempts[1]).not.toHaveProperty('isHedge');
  });

  it('is waited for as ever without hedging', async () => {
    const late = onceTold(json(200, completion('late')));
    plan.upstream.scriptModel('first', late.step);
    const running = run([first, second], { hedging: undefined });
    await plan.upstream.nextRequest();
    plan.clock.advance(usualMs);
    late.tell();
    expect(expectKind(await running, 'reply').attempts).toMatchObject([{ model: 'first' }]);
    expect(plan.upstream.requests).toHaveLength(1);
  });
});

describe('two models asked at the same time', () => {
  it('are both broken off when the client leaves', async () => {
    plan.upstream.script(stall);
    const { ends, health } = watchEnds();
    const running = run([first, second, third], { health });
    const requests = await letFirstBeLate();
    client.abort();
    await Promise.all(requests.map(({ aborted }) => aborted));
    const gone = expectKind(await running, 'client-gone');
    expect(gone.attempts.map(({ outcome }) => outcome)).toEqual(['client-gone', 'client-gone']);
    expect(ends.toSorted()).toEqual(['first client-gone', 'second client-gone']);
  });

  it('both end with the deadline', async () => {
    plan.upstream.script(stall);
    const running = run([first, second, third], { deadlineMs: 3_000 });
    await letFirstBeLate();
    plan.clock.advance(2_000);
    const exhausted = expectKind(await running, 'exhausted');
    expect(exhausted.code).toBe('upstream_timeout');
    expect(exhausted.attempts.map(({ failure }) => failure?.cause)).toEqual([
      'deadline',
      'deadline',
    ]);
    expect(plan.upstream.requests).toHaveLength(2);
  });

  it.each(['first', 'second'])('stop when the %s finds the request wrong', async (model) => {
    const wrong = onceTold(json(400, error('no such parameter')));
    plan.upstream.script(stall);
    plan.upstream.scriptModel(model, wrong.step);
    const running = run([first, second, third]);
    const requests = await letFirstBeLate();
    wrong.tell();
    const refused = expectKind(await running, 'refused');
    await requests.find(({ json }) => json['model'] !== model)?.aborted;
    expect(refused).toMatchObject({ status: 400, target: { model } });
    expect(refused.attempts.map(({ outcome }) => outcome)).toEqual(['outrun', 'stopped']);
  });

  it.each([
    ['whole replies', false],
    ['content', true],
  ])('serve once when both have %s in the same moment', async (_what, stream) => {
    const { ends, health } = watchEnds();
    const held: (() => void)[] = [];
    const provider = {
      name: 'scripted',
      call: () =>
        new Promise<ProviderReply>((resolve) => held.push(() => resolve(answerNow(stream)))),
      close: () => Promise.resolve(),
    };
    const running = run([first, second], { stream, health, providers: () => provider });
    await vi.waitFor(() => expect(held).toHaveLength(1));
    plan.clock.advance(usualMs);
    await vi.waitFor(() => expect(held).toHaveLength(2));
    for (const answer of held) answer();
    const execution = await running;
    if (execution.kind === 'stream') {
      await collect(execution.frames);
      await execution.finished;
    }
    expect(execution).toMatchObject({ target: first });
    expect(plan.told.map(({ model, outcome }) => `${model} ${outcome}`)).toEqual([
      'second outrun',
      'first ok',
    ]);
    expect(ends).toHaveLength(2);
  });

  it('leave nothing behind when one of them has a bug', async () => {
    const { ends, health } = watchEnds();
    plan.upstream.scriptModel('first', stall);
    // The way into its protocol that the plan went by is gone.
    const running = run([first, { ...second, protocol: 'messages' }], { health });
    const failed = expect(running).rejects.toThrow('can not be put as messages');
    const request = await plan.upstream.nextRequest();
    plan.clock.advance(usualMs);
    await failed;
    await request.aborted;
    expect(ends.toSorted()).toEqual(['first client-gone', 'second client-gone']);
  });

  it('tell the client in-band when the one that won breaks off later', async () => {
    plan.upstream.scriptModel('first', stall);
    plan.upstream.scriptModel('second', sse(contentFrames('half'), { end: 'cut' }));
    const running = run([first, second], { stream: true });
    await letFirstBeLate();
    const stream = expectKind(await running, 'stream');
    const text = await collect(stream.frames);
    expect(text).toContain('half');
    expect(text).not.toContain('[DONE]');
    expect(text.split('"error"')).toHaveLength(2);
    expect(await stream.finished).toMatchObject({ kind: 'failed' });
    expect(plan.told).toMatchObject([
      { model: 'first', outcome: 'outrun' },
      { model: 'second', outcome: 'failed', isHedge: true },
    ]);
  });
});

describe('the next candidate', () => {
  it.each([
    ['is a reserve', { isReserve: true }],
    ['gets a last try', { isLastTry: true }],
  ])('is not asked beside a late one when it %s', async (_why, fields) => {
    const late = onceTold(json(200, completion('late')));
    plan.upstream.scriptModel('first', late.step);
    const running = run([first, { ...second, ...fields }]);
    await plan.upstream.nextRequest();
    plan.clock.advance(usualMs);
    late.tell();
    expect(expectKind(await running, 'reply').attempts).toMatchObject([{ model: 'first' }]);
  });

  it('is not asked beside a late one when it is a reserve for prompts too long for others', async () => {
    const tooLong = { error: { message: 'too long', code: 'context_length_exceeded' } };
    const late = onceTold(json(200, completion('late')));
    plan.upstream.scriptModel('third', json(400, tooLong));
    plan.upstream.scriptModel('first', late.step);
    const larger = { contextWindow: 128_000 };
    const largest = { contextWindow: 256_000, isReserve: true };
    const running = run([third, { ...first, ...larger }, { ...second, ...largest }]);
    await plan.upstream.nextRequest();
    await plan.upstream.nextRequest();
    plan.clock.advance(usualMs);
    late.tell();
    const reply = expectKind(await running, 'reply');
    expect(reply.attempts).toMatchObject([{ model: 'third' }, { model: 'first', outcome: 'ok' }]);
  });

  it('is not asked beside a late one when it is out of order', async () => {
    const late = onceTold(json(200, completion('late')));
    plan.upstream.scriptModel('first', late.step);
    const health: Pick<Health, 'admit'> = {
      admit: ({ model }) => (model === 'second' ? undefined : { settle() {} }),
    };
    const running = run([first, second], { health });
    await plan.upstream.nextRequest();
    plan.clock.advance(usualMs);
    late.tell();
    expect(expectKind(await running, 'reply').attempts).toMatchObject([{ model: 'first' }]);
  });

  it('keeps its turn when there is no hedge left', async () => {
    const late = onceTold(json(503, error('down')));
    plan.upstream.scriptModel('first', late.step);
    plan.upstream.scriptModel('second', json(200, completion('second')));
    const running = run([first, second], { share: 0 });
    await plan.upstream.nextRequest();
    plan.clock.advance(usualMs);
    late.tell();
    const reply = expectKind(await running, 'reply');
    expect(reply.attempts).toMatchObject([{ model: 'first' }, { model: 'second', outcome: 'ok' }]);
    expect(reply.attempts[1]).not.toHaveProperty('isHedge');
  });
});

function answerNow(stream: boolean): ProviderReply {
  const text = stream
    ? `${contentFrames('Hi').join('')}data: [DONE]\n\n`
    : JSON.stringify(completion('Hi'));
  return {
    status: 200,
    headers: { 'content-type': stream ? 'text/event-stream' : 'application/json' },
    body: (async function* () {
      yield Buffer.from(text);
    })(),
  };
}
