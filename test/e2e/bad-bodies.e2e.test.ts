import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { completion, json } from '../support/scripted-upstream.ts';
import { startTwoProtocols, type TwoProtocolsServer } from '../support/start-two-protocols.ts';
import { message } from '../support/two-protocols.ts';

let proxy: TwoProtocolsServer;

beforeAll(async () => {
  proxy = await startTwoProtocols();
});

afterAll(() => proxy?.close());

beforeEach(() => {
  proxy.open.script(json(200, completion('from gpt')));
  proxy.claude.script(json(200, message('from claude')));
});

const hello = [{ role: 'user', content: 'hi' }];

function post(path: string, body: object | string | Buffer, contentType = 'application/json') {
  const isRaw = typeof body === 'string' || Buffer.isBuffer(body);
  return fetch(`${proxy.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': contentType },
    body: isRaw ? body : JSON.stringify(body),
  });
}

async function messageOf(reply: Response): Promise<string> {
  const { error } = (await reply.json()) as { error: { message: string } };
  return error.message;
}

describe('a body that belongs to another endpoint', () => {
  it.each([
    ['/v1/chat/completions', { system: 'Be brief.', messages: hello }, '/v1/messages'],
    [
      '/v1/chat/completions',
      { messages: [{ role: 'user', content: [{ type: 'tool_result', tool_use_id: 'x' }] }] },
      '/v1/messages',
    ],
    [
      '/v1/messages',
      { max_tokens: 9, messages: [{ role: 'tool', content: 'x' }] },
      '/v1/chat/completions',
    ],
    [
      '/v1/messages',
      { max_tokens: 9, messages: hello, tools: [{ type: 'function', function: { name: 'f' } }] },
      '/v1/chat/completions',
    ],
    ['/v1/responses', { messages: hello }, '/v1/chat/completions'],
  ])('is refused by %s, which says where it belongs', async (path, body, belongs) => {
    const reply = await post(path, body);
    expect(reply.status).toBe(400);
    expect(await messageOf(reply)).toContain(belongs);
  });

  it('is refused in the protocol of the endpoint', async () => {
    const reply = await post('/v1/messages', { messages: hello });
    expect(reply.status).toBe(400);
    expect(await reply.json()).toEqual({
      type: 'error',
      error: { type: 'invalid_request_error', message: expect.stringMatching(/^max_tokens: /) },
      request_id: reply.headers.get('request-id'),
    });
  });
});

describe('an image that is none', () => {
  const chatImage = (url: string) => ({
    messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url } }] }],
  });

  it.each([
    ['/v1/chat/completions', chatImage('data:image/png;base64,not!base64')],
    ['/v1/chat/completions', chatImage('data:image/png;base64,abc')],
    ['/v1/chat/completions', chatImage('data:image/png,plain')],
    ['/v1/chat/completions', chatImage('file:///etc/passwd')],
    [
      '/v1/messages',
      {
        max_tokens: 9,
        messages: [
          {
            role: 'user',
            content: [
              { type: 'image', source: { type: 'base64', media_type: 'image/png', data: '%%%' } },
            ],
          },
        ],
      },
    ],
    [
      '/v1/responses',
      { input: [{ role: 'user', content: [{ type: 'input_image', image_url: 'data:x' }] }] },
    ],
  ])('is refused by %s with its place: %j', async (path, body) => {
    const reply = await post(path, body);
    expect(reply.status).toBe(400);
    expect(await messageOf(reply)).toMatch(/^(messages|input)\.0\.content\.0\./);
    expect(proxy.open.requests).toHaveLength(0);
    expect(proxy.claude.requests).toHaveLength(0);
  });
});

describe('a body that is hard to digest', () => {
  const parameters = (description: string) => ({ type: 'object', description });
  const withTool = (schema: object, model: string) => ({
    model,
    messages: hello,
    tools: [{ type: 'function', function: { name: 'f', parameters: schema } }],
  });

  it('may hold a tool schema of 10 MB, for providers of either make', async () => {
    const schema = parameters('x'.repeat(10 * 1024 * 1024));
    for (const model of ['gpt', 'claude']) {
      expect((await post('/v1/chat/completions', withTool(schema, model))).status).toBe(200);
    }
    expect(JSON.stringify(proxy.claude.requests.at(-1)?.json['tools'])).toContain('xxxx');
  });

  it('may nest deeply where it is only passed on, and is refused where it can not be', async () => {
    const depth = 100_000;
    const nested = `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
    const body = (model: string) =>
      `{"model":"${model}","messages":[{"role":"user","content":"hi"}],"tools":[{"type":"function","function":{"name":"f","parameters":${nested}}}]}`;
    expect((await post('/v1/chat/completions', body('gpt'))).status).toBe(200);
    const reply = await post('/v1/chat/completions', body('claude'));
    expect(reply.status).toBe(400);
    expect(await messageOf(reply)).toContain('deep');
    // Claude, which is preferred here, is passed over.
    expect((await post('/v1/chat/completions', body('class:coding'))).status).toBe(200);
  });

  it('keeps numbers that JavaScript has no room for, and keys that stand twice', async () => {
    const body =
      '{"model":"gpt","messages":[{"role":"user","content":"hi"}],"seed":1e400,"n":1,"n":1,"x":-0.0}';
    expect((await post('/v1/chat/completions', body)).status).toBe(200);
    expect(proxy.open.requests.at(-1)?.body.toString()).toBe(body);
  });

  it('is refused at once when its lists or its model are absurdly long', async () => {
    const ones = (count: number) => Array(count).fill(1).join(',');
    for (const [path, body] of [
      ['/v1/chat/completions', `{"messages":[${ones(3_000_000)}]}`],
      ['/v1/messages', `{"messages":[{"role":"user","content":[${ones(100_000)}]}]}`],
      ['/v1/completions', `{"prompt":[${ones(1_000_000)}]}`],
    ] as const) {
      const reply = await post(path, body);
      expect(reply.status).toBe(400);
      expect(await messageOf(reply)).toContain('more than 50000 items');
    }
    const named = await post('/v1/chat/completions', {
      model: 'x'.repeat(200_000),
      messages: hello,
    });
    expect(named.status).toBe(400);
    expect((await messageOf(named)).length).toBeLessThan(200);
  });

  it('is refused when it names the model twice, whoever would serve it', async () => {
    for (const model of ['gpt', 'claude']) {
      const body = `{"model":"x","model":"${model}","messages":[{"role":"user","content":"hi"}]}`;
      const reply = await post('/v1/chat/completions', body);
      expect(reply.status).toBe(400);
      expect(await messageOf(reply)).toContain("'model' more than once");
    }
  });

  it.each(['/v1/messages', '/v1/responses', '/v1/completions', '/v1/embeddings'])(
    'is refused by %s when it is no JSON by its type, its bytes or its text',
    async (path) => {
      expect((await post(path, '{}', 'text/plain')).status).toBe(415);
      expect((await post(path, Buffer.from([0x7b, 0xff, 0x7d]))).status).toBe(400);
      expect((await post(path, '{"model": ')).status).toBe(400);
      expect((await post(path, '[]')).status).toBe(400);
    },
  );
});
