import Anthropic from '@anthropic-ai/sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { failureOf } from '../support/failure-of.ts';
import {
  contentFrames,
  json,
  reset,
  type SseOptions,
  sse,
  stall,
} from '../support/scripted-upstream.ts';
import { startTwoProtocols, type TwoProtocolsServer } from '../support/start-two-protocols.ts';
import { messageEvents, toEvent } from '../support/two-protocols.ts';

let proxy: TwoProtocolsServer;
let client: Anthropic;

beforeAll(async () => {
  proxy = await startTwoProtocols();
  client = new Anthropic({ baseURL: proxy.url, apiKey: 'client-secret', maxRetries: 0 });
});

afterAll(() => proxy?.close());

function toParams(model: string): Anthropic.MessageCreateParamsNonStreaming {
  return { model, max_tokens: 64, messages: [{ role: 'user', content: 'hi' }] };
}

function ask(model: string) {
  return client.messages.create(toParams(model));
}

/** In each provider's own words. */
function fail(status: number, type: string, message: string): void {
  proxy.open.script(json(status, { error: { message, type, param: null, code: null } }));
  proxy.claude.script(json(status, { type: 'error', error: { type, message } }));
}

describe('the Anthropic SDK throws', () => {
  it.each(['gpt', 'claude'])('BadRequestError for what %s refuses', async (model) => {
    fail(400, 'invalid_request_error', 'top_p is too high');
    const error = await failureOf(ask(model), Anthropic.BadRequestError);
    expect(error.type).toBe('invalid_request_error');
    expect(error.apiMessage).toContain('top_p is too high');
    expect(error.requestID).toMatch(/\w/);
  });

  it.each(['gpt', 'claude'])('RateLimitError when %s limits the rate', async (model) => {
    fail(429, 'rate_limit_error', 'slow down');
    const error = await failureOf(ask(model), Anthropic.RateLimitError);
    expect(error.type).toBe('rate_limit_error');
  });

  it('NotFoundError for a model that nobody has', async () => {
    const error = await failureOf(ask('claud'), Anthropic.NotFoundError);
    expect(error.type).toBe('not_found_error');
    expect(error.apiMessage).toContain('did you mean "claude"');
  });

  it('InternalServerError when nobody answers', async () => {
    fail(529, 'overloaded_error', 'Overloaded');
    proxy.open.script(reset);
    const error = await failureOf(ask('class:coding'), Anthropic.InternalServerError);
    expect(error.apiMessage).toContain('claude:529, coding/gpt:reset');
    expect(error.headers?.get('x-should-retry')).toBe('false');
  });

  it('BadRequestError for what makes no sense in its own protocol', async () => {
    const error = await failureOf(
      client.messages.create({ ...toParams('gpt'), max_tokens: 0.5 }),
      Anthropic.BadRequestError,
    );
    expect(error.apiMessage).toContain('max_tokens');
  });
});

describe('a stream that breaks after content', () => {
  const openError = 'data: {"error":{"message":"out of memory","type":"server_error"}}\n\n';
  const claudeError = toEvent({
    type: 'error',
    ...{ error: { type: 'overloaded_error', message: 'Overloaded' } },
  });
  const ends: [string, SseOptions, { openTail: string; claudeTail: string }][] = [
    ['is torn', { end: 'cut' }, { openTail: '', claudeTail: '' }],
    ['ends too early', { end: 'clean' }, { openTail: '', claudeTail: '' }],
    ['tells of an error', { end: 'clean' }, { openTail: openError, claudeTail: claudeError }],
  ];

  it.each(
    ends.flatMap(([story, ...end]) =>
      ['gpt', 'claude'].map((model) => [model, story, ...end] as const),
    ),
  )('from %s makes the SDK throw when it %s', async (model, _story, options, tails) => {
    const { openTail, claudeTail } = tails;
    proxy.open.script(sse([...contentFrames('half').slice(0, 2), openTail], options));
    proxy.claude.script(sse([...messageEvents('half').slice(0, 4), claudeTail], options));
    const texts: string[] = [];
    const stream = client.messages.stream(toParams(model)).on('text', (text) => texts.push(text));
    const error = await failureOf(stream.finalMessage(), Anthropic.APIError);
    expect(texts).toEqual(['half']);
    expect(error.type).toMatch(/^(api_error|overloaded_error)$/);
    expect(error.apiMessage).toMatch(/\w/);
  });
});

describe('a client that leaves', () => {
  it.each(['gpt', 'claude'])('stops %s before its reply', async (model) => {
    proxy.open.script(stall);
    proxy.claude.script(stall);
    const upstream = model === 'gpt' ? proxy.open : proxy.claude;
    const before = upstream.requests.length;
    const controller = new AbortController();
    const pending = client.messages.create(toParams(model), { signal: controller.signal });
    const outcome = expect(pending).rejects.toThrow(Anthropic.APIUserAbortError);
    await expect.poll(() => upstream.requests.length).toBe(before + 1);
    controller.abort();
    await outcome;
    await upstream.requests.at(-1)?.aborted;
  });

  it.each(['gpt', 'claude'])('stops %s in the middle of a stream', async (model) => {
    proxy.open.script(sse(contentFrames('half').slice(0, 2), { end: 'stall' }));
    proxy.claude.script(sse(messageEvents('half').slice(0, 4), { end: 'stall' }));
    const stream = client.messages.stream(toParams(model));
    stream.on('text', () => stream.abort());
    await expect(stream.finalMessage()).rejects.toThrow(Anthropic.APIUserAbortError);
    await (model === 'gpt' ? proxy.open : proxy.claude).requests.at(-1)?.aborted;
  });
});
