import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Protocol } from '../../src/protocol.ts';
import { completeUsage, mergeUsage, readUsage } from '../../src/upstream/usage.ts';
import { chunk, completion, contentFrames, json, sse } from '../support/scripted-upstream.ts';
import {
  collect,
  createPlanFixture,
  expectKind,
  makeTarget,
  type PlanFixture,
} from './plan-fixture.ts';

const nothing = {
  inputTokens: 0,
  cachedInputTokens: 0,
  cacheWriteTokens: 0,
  outputTokens: 0,
  reasoningTokens: 0,
};

describe('the usage of a call', () => {
  it.each<[Protocol, object, object]>([
    [
      'chat',
      {
        usage: {
          prompt_tokens: 100,
          completion_tokens: 30,
          prompt_tokens_details: { cached_tokens: 60 },
          completion_tokens_details: { reasoning_tokens: 20 },
        },
      },
      { inputTokens: 40, cachedInputTokens: 60, outputTokens: 30, reasoningTokens: 20 },
    ],
    [
      'responses',
      {
        response: {
          usage: {
            input_tokens: 100,
            output_tokens: 30,
            input_tokens_details: { cached_tokens: 60 },
            output_tokens_details: { reasoning_tokens: 20 },
          },
        },
      },
      { inputTokens: 40, cachedInputTokens: 60, outputTokens: 30, reasoningTokens: 20 },
    ],
    [
      'messages',
      {
        usage: {
          input_tokens: 40,
          output_tokens: 30,
          cache_read_input_tokens: 60,
          cache_creation_input_tokens: 9,
        },
      },
      { inputTokens: 40, cachedInputTokens: 60, cacheWriteTokens: 9, outputTokens: 30 },
    ],
    ['embeddings', { usage: { prompt_tokens: 8, total_tokens: 8 } }, { inputTokens: 8 }],
  ])('is the same, however %s says it', (protocol, payload, usage) => {
    expect(completeUsage(readUsage({ ...payload }, protocol))).toEqual({ ...nothing, ...usage });
  });

  it('adds up over the events of a stream, the later word winning', () => {
    const start = { message: { usage: { input_tokens: 40, output_tokens: 1 } } };
    const end = { usage: { output_tokens: 30 } };
    const merged = mergeUsage(readUsage(start, 'messages'), readUsage(end, 'messages'));
    expect(completeUsage(merged)).toEqual({ ...nothing, inputTokens: 40, outputTokens: 30 });
  });

  it('is unknown, not zero, when nobody says it', () => {
    expect(completeUsage(readUsage({}, 'chat'))).toBeUndefined();
    expect(completeUsage(readUsage({ usage: null }, 'chat'))).toBeUndefined();
    expect(completeUsage(readUsage({ usage: { prompt_tokens: 'many' } }, 'chat'))).toEqual(nothing);
  });
});

describe('the usage of an attempt', () => {
  const usageChunk =
    'data: {"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":7,"total_tokens":12}}\n\n';
  const used = { ...nothing, inputTokens: 5, outputTokens: 7 };
  const reporting = makeTarget({ reportsUsage: true });
  let plan: PlanFixture;

  beforeEach(async () => {
    plan = await createPlanFixture();
  });
  afterEach(() => plan.close());

  it('is read from a whole reply', async () => {
    plan.upstream.script(json(200, completion('Hi')));
    await plan.run([reporting]);
    expect(plan.told).toMatchObject([{ outcome: 'ok', usage: used }]);
  });

  it('is asked for in a stream, and kept from a client that did not', async () => {
    const frames = contentFrames('Hel', 'lo');
    plan.upstream.script(sse([...frames, usageChunk]));
    const stream = expectKind(await plan.run([reporting], { stream: true }), 'stream');
    expect(await collect(stream.frames)).toBe(`${frames.join('')}data: [DONE]\n\n`);
    expect(await stream.finished).toMatchObject({ kind: 'done', usage: used });
    expect(plan.told).toMatchObject([{ outcome: 'ok', usage: used }]);
    expect(plan.upstream.requests[0]?.body.toString()).toMatch(
      /^\{"stream_options":\{"include_usage":true\},"model":/,
    );
  });

  it('reaches a client that asked for it, whose body stays as it is', async () => {
    const body = Buffer.from('{"model":"first","stream_options":{"include_usage":true}}');
    const frames = [...contentFrames('Hi'), usageChunk];
    plan.upstream.script(sse(frames));
    const stream = expectKind(await plan.run([reporting], { stream: true, body }), 'stream');
    expect(await collect(stream.frames)).toBe(`${frames.join('')}data: [DONE]\n\n`);
    expect(plan.upstream.requests[0]?.body).toEqual(body);
  });

  it('is not asked for where the provider would not understand', async () => {
    plan.upstream.script(sse(contentFrames('Hi')));
    const stream = expectKind(await plan.run([makeTarget()], { stream: true }), 'stream');
    await collect(stream.frames);
    expect(plan.upstream.requests[0]?.body.toString()).not.toContain('stream_options');
    expect((await stream.finished).usage).toBeUndefined();
  });

  it('is kept from the client even when it comes before an answer that stays empty', async () => {
    plan.upstream.script(sse([chunk({ role: 'assistant' }), chunk({}, 'stop'), usageChunk]));
    const stream = expectKind(await plan.run([reporting], { stream: true }), 'stream');
    expect(await collect(stream.frames)).not.toContain('prompt_tokens');
    expect((await stream.finished).usage).toEqual(used);
  });
});
