import OpenAI from 'openai';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Summary } from '../../src/telemetry/stats/stats.ts';
import { completion, contentFrames, json, reset, sse } from '../support/scripted-upstream.ts';
import { startTwoProtocols, type TwoProtocolsServer } from '../support/start-two-protocols.ts';
import { message, messageEvents } from '../support/two-protocols.ts';

const ownModel = 'switchyard/all-MiniLM-L6-v2';
const codingPrompt = 'fix this python error: TypeError: NoneType object is not subscriptable';

let proxy: TwoProtocolsServer;

beforeAll(async () => {
  proxy = await startTwoProtocols();
});

afterAll(() => proxy?.close());

beforeEach(() => {
  proxy.open.script(json(200, completion('from gpt')));
  proxy.claude.script(json(200, message('from claude')));
});

function post(path: string, body: object | string, headers: Record<string, string> = {}) {
  return fetch(`${proxy.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

function chat(content: string, headers: Record<string, string> = {}, more: object = {}) {
  const body = { model: 'auto', messages: [{ role: 'user', content }], ...more };
  return post('/v1/chat/completions', body, headers);
}

describe('a provider that speaks the client’s protocol', () => {
  it.each([
    ['/v1/messages', '"messages":[{"role":"user","content":"hi"}],"max_tokens":1.0e1', 'claude'],
    ['/v1/responses', '"input":"hi","metadata":{"b":1,"a":1.0,"10":12345678901234567890}', 'gpt'],
    ['/v1/completions', '"prompt":"hi","max_tokens":5,"echo":null,"echo":true', 'instruct'],
    ['/v1/embeddings', '"input":["hi"],"user":"\\u0061"', 'embed'],
  ])('gets a request to %s byte for byte, but for the model', async (path, fields, model) => {
    const upstream = model === 'claude' ? proxy.claude : proxy.open;
    const answer = '{"id": "x", "object":"y",  "n": 1.0}';
    upstream.script(json(200, answer));
    const reply = await post(path, `{ ${fields} , "model" : "${model}" }`);
    expect(reply.status).toBe(200);
    expect(await reply.text()).toBe(answer);
    const received = upstream.requests.at(-1);
    expect(received?.path).toBe(path);
    expect(received?.body.toString()).toBe(`{ ${fields} , "model" : "${model}" }`);
  });

  it('streams byte for byte', async () => {
    const events = messageEvents('Hel', 'lo');
    proxy.claude.script(sse(events, { end: 'clean' }));
    const reply = await post('/v1/messages', {
      model: 'claude',
      max_tokens: 9,
      stream: true,
      messages: [{ role: 'user', content: 'hi' }],
    });
    expect(reply.headers.get('content-type')).toMatch('text/event-stream');
    expect(await reply.text()).toBe(events.join(''));
  });

  it('gets what the client says of the version, and the key in the header that it wants', async () => {
    const body = { model: 'claude', max_tokens: 9, messages: [{ role: 'user', content: 'hi' }] };
    await post('/v1/messages', body, {
      'anthropic-version': '2024-01-01',
      'anthropic-beta': 'some-beta',
      'x-api-key': 'client-secret',
      cookie: 'a=b',
    });
    const { headers } = proxy.claude.requests.at(-1) ?? { headers: {} };
    expect(headers).toMatchObject({
      'x-api-key': 'claude-secret',
      'anthropic-version': '2024-01-01',
      'anthropic-beta': 'some-beta',
    });
    expect(JSON.stringify(headers)).not.toContain('client-secret');
    expect(headers).not.toHaveProperty('cookie');
  });
});

describe('the headers of a reply', () => {
  it('are those that a client may see', async () => {
    proxy.claude.script(
      json(200, message('hi'), {
        'set-cookie': 'session=1',
        'anthropic-organization-id': 'org-1',
        'anthropic-ratelimit-tokens-remaining': '42',
        'request-id': 'req_theirs',
      }),
    );
    const reply = await post('/v1/messages', {
      model: 'claude',
      max_tokens: 9,
      messages: [{ role: 'user', content: 'hi' }],
    });
    expect(reply.headers.get('anthropic-ratelimit-tokens-remaining')).toBe('42');
    expect(reply.headers.get('set-cookie')).toBeNull();
    expect(reply.headers.get('anthropic-organization-id')).toBeNull();
    expect(reply.headers.get('request-id')).toBe(reply.headers.get('x-request-id'));
  });

  it('tell SDKs not to try again what the plan has tried', async () => {
    for (const upstream of [proxy.open, proxy.claude]) upstream.script(reset);
    const reply = await chat('hi');
    expect(reply.status).toBe(502);
    expect(reply.headers.get('x-should-retry')).toBe('false');
  });
});

describe('what a model can not do', () => {
  const pixel =
    'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

  it.each([
    ['tool calls', { tools: [{ type: 'function', function: { name: 'f' } }] }],
    ['JSON by a schema', { response_format: { type: 'json_schema', json_schema: {} } }],
    ['reasoning', { reasoning_effort: 'high' }],
    [
      'images',
      {
        messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: pixel } }] }],
      },
    ],
  ])('keeps requests away from it: %s', async (what, more) => {
    const reply = await chat('hi', {}, { model: 'small', ...more });
    expect(reply.status).toBe(400);
    expect(await reply.json()).toMatchObject({
      error: { code: 'invalid_request', message: expect.stringContaining(what) },
    });
  });

  it('includes prompts that are too long for it, with the reply that they ask for', async () => {
    expect((await chat('hi', {}, { model: 'small', max_tokens: 900 })).status).toBe(200);
    const reply = await chat('天'.repeat(500), {}, { model: 'small', max_tokens: 600 });
    expect(reply.status).toBe(400);
    expect(await reply.json()).toMatchObject({ error: { code: 'context_length_exceeded' } });
  });
});

describe('the virtual models', () => {
  it('order the models of a class by preference, price or tier', async () => {
    const first = async (model: string) => {
      const reply = await post('/v1/route', { model, prompt: codingPrompt });
      const { candidates } = (await reply.json()) as { candidates: { model: string }[] };
      return candidates.slice(0, 3).map((candidate) => candidate.model);
    };
    expect(await first('auto')).toEqual(['claude', 'gpt', 'small']);
    expect(await first('auto:cheap')).toEqual(['small', 'gpt', 'claude']);
    expect(await first('auto:best')).toEqual(['claude', 'gpt', 'small']);
    expect(await first('class:coding')).toEqual(['claude', 'gpt', 'small']);
  });

  it('show in a dry run what the request itself rules out', async () => {
    const reply = await post('/v1/route', {
      model: 'class:coding',
      logprobs: true,
      messages: [{ role: 'user', content: codingPrompt }],
    });
    const { candidates } = (await reply.json()) as { candidates: object[] };
    expect(candidates[0]).toMatchObject({ model: 'claude', status: 'out', cause: 'protocol' });
    expect(candidates[1]).toMatchObject({ model: 'gpt', status: 'in' });
  });

  it('are listed beside the real ones, for clients of both makers', async () => {
    const client = new OpenAI({ baseURL: `${proxy.url}/v1`, apiKey: 'x' });
    const ids: string[] = [];
    for await (const { id } of client.models.list()) ids.push(id);
    expect(ids).toEqual(
      expect.arrayContaining(['auto', 'auto:cheap', 'auto:best', 'class:coding', 'gpt', ownModel]),
    );
    expect((await client.models.retrieve(ownModel)).owned_by).toBe('switchyard');
    await expect(client.models.retrieve('nothing')).rejects.toThrow(OpenAI.NotFoundError);
    const listed = (await (await fetch(`${proxy.url}/v1/models`)).json()) as object;
    expect(listed).toMatchObject({ has_more: false, first_id: 'auto' });
  });
});

describe('what a request asks of the router', () => {
  it('can be the class, or the model, whatever the body says', async () => {
    const byClass = await chat(codingPrompt, { 'x-switchyard-class': 'chat' });
    expect(byClass.headers.get('x-switchyard-class')).toBe('chat');
    expect(byClass.headers.get('x-switchyard-model')).toBe('gpt');
    const byModel = await chat(codingPrompt, { 'x-switchyard-model': 'small' });
    expect(byModel.headers.get('x-switchyard-model')).toBe('small');
    expect((await chat('hi', { 'x-switchyard-class': 'codign' })).status).toBe(404);
  });

  it('can be to ask nobody else', async () => {
    proxy.open.script(reset);
    const reply = await chat('hi', {
      'x-switchyard-class': 'chat',
      'x-switchyard-no-fallback': '1',
    });
    expect(reply.status).toBe(502);
    expect(reply.headers.get('x-switchyard-attempts')).toMatch(/^chat\/gpt:\w+$/);
  });

  it('can be to explain the decision', async () => {
    const reply = await chat(codingPrompt, { 'x-switchyard-explain': '1' });
    const explained = JSON.parse(reply.headers.get('x-switchyard-explain') ?? '');
    expect(explained.posterior[0][0]).toBe('coding');
    expect(explained.neighbours[0]).toEqual([expect.any(String), 'coding', expect.any(Number)]);
    expect(explained.candidates[0]).toEqual(['claude', 'in', 'preferred by coding']);
    expect((await chat(codingPrompt)).headers.get('x-switchyard-explain')).toBeNull();
  });

  it('can be to take no longer', async () => {
    proxy.open.script(() => {});
    const headers = { 'x-switchyard-model': 'gpt', 'x-switchyard-timeout-ms': '50' };
    expect((await chat('hi', headers)).status).toBe(504);
  });

  it.each([
    ['no-fallback', 'maybe'],
    ['explain', 'yes'],
    ['timeout-ms', '0'],
    ['timeout-ms', 'soon'],
    ['conversation', 'x'.repeat(201)],
  ])('is refused when it makes no sense: %s: %s', async (name, value) => {
    const reply = await chat('hi', { [`x-switchyard-${name}`]: value });
    expect(reply.status).toBe(400);
    expect(await reply.json()).toMatchObject({
      error: { message: expect.stringContaining(`x-switchyard-${name}`) },
    });
  });
});

describe('embeddings', () => {
  it('come from the router’s own encoder, as numbers and as bytes', async () => {
    const client = new OpenAI({ baseURL: `${proxy.url}/v1`, apiKey: 'x' });
    const input = ['a cat', 'a kitten', 'the stock market'];
    // The SDK asks for base64 by itself.
    const { data, usage } = await client.embeddings.create({ model: ownModel, input });
    const floats = await client.embeddings.create({
      model: ownModel,
      input,
      encoding_format: 'float',
    });
    expect(data.map(({ embedding }) => embedding.length)).toEqual([384, 384, 384]);
    for (const [index, { embedding }] of data.entries()) {
      expect(embedding[0]).toBeCloseTo(floats.data[index]?.embedding[0] ?? 0, 5);
    }
    const dot = (a = 0, b = 0) =>
      (data[a]?.embedding ?? []).reduce((sum, x, i) => sum + x * (data[b]?.embedding[i] ?? 0), 0);
    expect(dot(0, 1)).toBeGreaterThan(dot(0, 2));
    expect(usage.prompt_tokens).toBeGreaterThan(5);
  });

  it('say how many texts were longer than the encoder reads', async () => {
    const reply = await post('/v1/embeddings', {
      model: ownModel,
      input: ['short', 'word '.repeat(600)],
    });
    expect(reply.headers.get('x-switchyard-truncated')).toBe('1');
  });

  it.each([
    [{ model: ownModel, input: '' }, 400, 'input'],
    [{ model: ownModel, input: [] }, 400, 'input'],
    [{ model: ownModel, input: [1, 2, 3] }, 400, 'takes texts'],
    [{ model: ownModel, input: 'x', dimensions: 64 }, 400, '384 dimensions'],
    [{ model: 'auto', input: 'x' }, 404, ownModel],
    [{ model: 'gpt', input: 'x' }, 404, ownModel],
  ])('are refused for %j', async (body, status, message) => {
    const reply = await post('/v1/embeddings', body);
    expect(reply.status).toBe(status);
    expect(await reply.json()).toMatchObject({
      error: { message: expect.stringContaining(message) },
    });
  });
});

describe('counting the tokens of a message', () => {
  const body = { model: 'claude', messages: [{ role: 'user', content: 'hello there' }] };

  it('is the provider’s business where it speaks the protocol', async () => {
    proxy.claude.script(json(200, { input_tokens: 11 }));
    const reply = await post('/v1/messages/count_tokens', body);
    expect(await reply.json()).toEqual({ input_tokens: 11 });
    expect(reply.headers.get('x-switchyard-estimated')).toBeNull();
    expect(proxy.claude.requests.at(-1)?.path).toBe('/v1/messages/count_tokens');
  });

  it('is asked of the model that would serve the request', async () => {
    proxy.claude.script(json(200, { input_tokens: 7 }));
    const chatting = { ...body, model: 'class:chat' };
    const toGpt = await post('/v1/messages/count_tokens', chatting);
    expect(toGpt.headers.get('x-switchyard-estimated')).toBe('1');
    // No other protocol has them.
    const servers = [{ type: 'url', name: 'docs', url: 'https://mcp.example' }];
    const reply = await post(
      '/v1/messages/count_tokens',
      { ...chatting, mcp_servers: servers },
      { 'x-switchyard-explain': '1' },
    );
    expect(await reply.json()).toEqual({ input_tokens: 7 });
    expect(reply.headers.get('x-switchyard-model')).toBe('claude');
    expect(reply.headers.get('x-switchyard-explain')).toContain('mcp_servers');
  });

  it('is estimated where it does not, or does not answer', async () => {
    proxy.claude.script(reset);
    for (const model of ['gpt', 'claude']) {
      const reply = await post('/v1/messages/count_tokens', { ...body, model });
      const { input_tokens: tokens } = (await reply.json()) as { input_tokens: number };
      expect(tokens).toBeGreaterThanOrEqual(2);
      expect(tokens).toBeLessThan(20);
      expect(reply.headers.get('x-switchyard-estimated')).toBe('1');
    }
  });
});

describe('what a request cost', () => {
  it('is in a header of a whole reply, by the usage and the prices', async () => {
    // 5 tokens in at 2 dollars a million and 7 out at 8.
    const reply = await chat('hi', {}, { model: 'gpt' });
    expect(Number(reply.headers.get('x-switchyard-cost-usd'))).toBeCloseTo(66e-6, 10);
    proxy.open.script(json(200, { ...completion('hi'), usage: undefined }));
    const unknown = await chat('hi', {}, { model: 'gpt' });
    expect(unknown.headers.get('x-switchyard-cost-usd')).toBeNull();
  });
});

describe('the statistics', () => {
  const read = async (window: string) => {
    const reply = await fetch(`${proxy.url}/admin/stats?window=${window}`);
    const body = (await reply.json()) as Summary & { error: { param: string } };
    return { status: reply.status, body };
  };

  it('tell what happened lately', async () => {
    proxy.claude.script(reset);
    await chat(codingPrompt);
    const { body } = await read('5m');
    expect(body.requests).toBeGreaterThan(1);
    expect(body.fallbacks).toBeGreaterThan(0);
    expect(body.classes['coding']).toBeGreaterThan(0);
    expect(body.models['claude']?.errors['reset']).toBeGreaterThan(0);
    expect(body.models['gpt']?.durationMs.p95).toBeGreaterThan(0);
    expect(body.models['gpt']?.costUsd).toBeGreaterThan(0);
  });

  it.each(['', '0m', '5', '25h', '-1m', '1d'])('refuse the window %j', async (window) => {
    const { status, body } = await read(window);
    expect(status).toBe(400);
    expect(body.error.param).toBe('window');
  });
});

describe('the metrics', () => {
  it('are there for Prometheus, of requests, streams, fallbacks and the embedder', async () => {
    proxy.claude.script(reset);
    await chat(codingPrompt);
    proxy.open.script(sse(contentFrames('Hel', 'lo')));
    await (await chat('hi', {}, { model: 'gpt', stream: true })).text();
    const reply = await fetch(`${proxy.url}/metrics`);
    expect(reply.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
    const text = await reply.text();
    expect(text).toMatch(
      /^switchyard_fallbacks_total\{from_class="coding",to_class="coding",reason="reset"\} [1-9]/m,
    );
    expect(text).toMatch(/^switchyard_time_to_first_content_seconds_count\{model="gpt"\} [1-9]/m);
    expect(text).toMatch(/^switchyard_inflight_requests 0$/m);
    expect(text).toMatch(/^switchyard_embedding_batch_texts_count [1-9]/m);
    expect(text).toMatch(/^switchyard_embedding_duration_seconds_count [1-9]/m);
  });
});

describe('the OpenAPI document', () => {
  it('is served, and names every endpoint', async () => {
    const document = (await (await fetch(`${proxy.url}/openapi.json`)).json()) as {
      openapi: string;
      paths: Record<string, object>;
    };
    expect(document.openapi).toBe('3.1.0');
    for (const path of Object.keys(document.paths)) {
      const method = 'post' in (document.paths[path] ?? {}) ? 'POST' : 'GET';
      const url = `${proxy.url}${path.replace('{id}', 'auto')}`;
      const reply = await fetch(url, { method: path.includes('{id}') ? 'GET' : method });
      // Anything but "there is nothing at": an empty body is refused in other words.
      expect(await reply.text(), path).not.toContain('There is nothing at POST');
    }
  });
});
