import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFindTranslation } from '../../src/translation/find-translation.ts';
import { completion, json, reset, sse } from '../support/scripted-upstream.ts';
import { toEvent } from '../support/two-protocols.ts';
import { createPlanFixture, expectKind, makeTarget, type PlanFixture } from './plan-fixture.ts';

let plan: PlanFixture;
const findTranslation = createFindTranslation({ now: () => 0 });
const translated = makeTarget({ model: 'translated', protocol: 'messages' });
const other = makeTarget({ model: 'other', protocol: 'messages' });
const native = makeTarget({ model: 'native' });

const wrong = (message: string) => ({
  type: 'error',
  error: { type: 'invalid_request_error', message },
});
const unsupported = {
  error: { message: "Unsupported parameter: 'top_k'", code: 'unsupported_parameter' },
};

beforeEach(async () => {
  plan = await createPlanFixture();
  plan.upstream.scriptModel('native', json(200, completion('from native')));
});

afterEach(async () => {
  expect(plan.clock.pending()).toBe(0);
  await plan.close();
});

const run = (targets: Parameters<PlanFixture['run']>[0], stream = false) =>
  plan.run(targets, { findTranslation, stream });

describe('a request that was translated', () => {
  it.each([400, 422])('goes to the next model when it is found wrong by %i', async (status) => {
    plan.upstream.scriptModel('translated', json(status, wrong('output_config: no such field')));
    const reply = expectKind(await run([translated, native]), 'reply');
    expect(reply.attempts).toMatchObject([
      { model: 'translated', outcome: 'failed', failure: { cause: 'translation-refused', status } },
      { model: 'native', outcome: 'ok' },
    ]);
    expect(plan.upstream.requests).toHaveLength(2);
  });

  it('tells the client the first of such answers, in its own protocol, when nobody is left', async () => {
    plan.upstream.scriptModel('translated', json(400, wrong('the first')));
    plan.upstream.scriptModel('other', json(422, wrong('the second')));
    plan.upstream.scriptModel('native', json(401, wrong('bad key')));
    const refused = expectKind(await run([translated, other, native]), 'refused');
    expect(refused).toMatchObject({ status: 400, target: translated });
    expect(JSON.parse(refused.body.toString()).error).toMatchObject({
      message: 'HTTP 400: the first',
      code: 'invalid_request',
    });
    expect(refused.attempts).toHaveLength(3);
  });

  it('can wait for a model that was only busy', async () => {
    plan.upstream.scriptModel('translated', json(400, wrong('no')));
    plan.upstream.scriptModel('native', json(429, wrong('busy'), { 'retry-after': '2' }));
    const exhausted = expectKind(await run([translated, native]), 'exhausted');
    expect(exhausted).toMatchObject({ code: 'rate_limit_exceeded', retryAfterMs: 2_000 });
    plan.upstream.scriptModel('native', reset);
    expect(await run([translated, native])).toMatchObject({ code: 'upstream_error' });
  });

  it('stops where the client’s own request goes on and is found wrong', async () => {
    plan.upstream.scriptModel('translated', json(400, wrong('mine')));
    plan.upstream.scriptModel('native', json(400, wrong('yours')));
    const refused = expectKind(await run([translated, native, other]), 'refused');
    expect(refused).toMatchObject({ status: 400, target: native });
    expect(refused.body.toString()).toBe(JSON.stringify(wrong('yours')));
  });

  it('stops at one that is too large for anybody', async () => {
    plan.upstream.scriptModel('translated', json(413, wrong('too large')));
    expect(await run([translated, native])).toMatchObject({ kind: 'refused', status: 413 });
  });

  it('goes on where the error comes inside a stream', async () => {
    const failed = toEvent({ type: 'error', ...{ error: { code: 400, message: 'no' } } });
    plan.upstream.scriptModel('translated', sse([failed], { end: 'clean' }));
    plan.upstream.scriptModel('other', json(400, wrong('no')));
    const refused = expectKind(await run([translated, other], true), 'refused');
    expect(refused.attempts.map(({ failure }) => failure?.cause)).toEqual([
      'translation-refused',
      'translation-refused',
    ]);
  });
});

describe('a request that is passed on as it came', () => {
  it('goes to the next model when this one lacks what it asks for', async () => {
    plan.upstream.scriptModel('first', json(400, unsupported));
    const reply = expectKind(await run([makeTarget(), native]), 'reply');
    expect(reply.attempts[0]).toMatchObject({ failure: { cause: 'unsupported', status: 400 } });
  });

  it('is refused as the provider said it when nobody has that', async () => {
    plan.upstream.script(json(400, unsupported));
    const refused = expectKind(
      await run([makeTarget(), makeTarget({ model: 'second' })]),
      'refused',
    );
    expect(refused.body.toString()).toBe(JSON.stringify(unsupported));
    expect(refused.attempts).toHaveLength(2);
  });
});

describe('a response that failed over its prompt', () => {
  const failed = {
    id: 'resp_1',
    object: 'response',
    status: 'failed',
    error: { code: 'invalid_prompt', message: 'We do not answer that.' },
  };
  const first = makeTarget({ model: 'first', protocol: 'responses' });
  const second = makeTarget({ model: 'second', protocol: 'responses' });
  const runResponses = (stream: boolean) =>
    plan.run([first, second], {
      protocol: 'responses',
      body: Buffer.from(JSON.stringify({ model: 'auto', input: 'hi', stream })),
      findTranslation,
      stream,
    });

  it('is nobody’s to answer, and comes back as it came', async () => {
    plan.upstream.scriptModel('first', json(200, failed));
    const refused = expectKind(await runResponses(false), 'refused');
    expect(refused.status).toBe(400);
    expect(JSON.parse(refused.body.toString())).toEqual(failed);
    expect(plan.upstream.requests).toHaveLength(1);
  });

  it('is told as an error where a stream was asked for', async () => {
    plan.upstream.scriptModel(
      'first',
      sse([toEvent({ type: 'response.failed', response: failed } as never)]),
    );
    const refused = expectKind(await runResponses(true), 'refused');
    expect(refused.status).toBe(400);
    expect(JSON.parse(refused.body.toString()).error.message).toContain('We do not answer that.');
    expect(plan.upstream.requests).toHaveLength(1);
  });
});
