import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createHome,
  type Home,
  type RunningServer,
  startServer,
} from '../support/run-switchyard.ts';

// No key is configured, so the demo answers whatever gets through.
let home: Home;
let server: RunningServer;

beforeAll(async () => {
  home = createHome();
  server = await startServer({ home });
});

afterAll(async () => {
  await server?.stop();
  home?.remove();
});

async function post(body: string | Buffer, headers: Record<string, string> = {}) {
  const reply = await fetch(`${server.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  });
  const text = await reply.text();
  return { status: reply.status, headers: reply.headers, json: JSON.parse(text) };
}

function chat(content: unknown, role = 'user'): string {
  return JSON.stringify({ model: 'auto', messages: [{ role, content }] });
}

describe('bodies that make no sense', () => {
  it.each([
    ['an empty body', '', /body is empty/],
    ['no JSON', '{"model": ', /not valid JSON/],
    [
      'invalid UTF-8',
      Buffer.from('{"messages":[{"role":"user","content":"\xff\xfe"}]}', 'latin1'),
      /not valid UTF-8/,
    ],
    ['a list instead of an object', '[]', /expected object/],
    ['null', 'null', /expected object/],
    ['messages missing', '{"model":"auto"}', /^messages: /],
    ['no messages', '{"model":"auto","messages":[]}', /at least one message/],
    ['a message without a role', '{"messages":[{"content":"hi"}]}', /^messages\.0\.role: /],
    ['content that is a number', chat(7), /^messages\.0\.content: /],
    [
      'a model that is a number',
      '{"model":1,"messages":[{"role":"user","content":"x"}]}',
      /^model: /,
    ],
    [
      'stream that is a word',
      '{"stream":"yes","messages":[{"role":"user","content":"x"}]}',
      /^stream: /,
    ],
    [
      'the model twice',
      '{"model":"auto","model":"auto","messages":[{"role":"user","content":"x"}]}',
      /model/,
    ],
  ])('are refused in the shape of OpenAI: %s', async (_what, body, message) => {
    const reply = await post(body);
    expect(reply.status).toBe(400);
    expect(reply.json.error.type).toBe('invalid_request_error');
    expect(reply.json.error.code).toBe('invalid_request');
    expect(reply.json.error.message).toMatch(message);
    expect(reply.headers.get('x-request-id')).toBeTruthy();
  });

  it('are refused when they are not declared as JSON', async () => {
    const reply = await post(chat('hi'), { 'content-type': 'text/plain' });
    expect(reply.status).toBe(415);
    expect(reply.json.error.code).toBe('unsupported_media_type');
  });

  it('are refused beyond the largest size', async () => {
    const reply = await post(Buffer.alloc(33 * 1024 * 1024, 32));
    expect(reply.status).toBe(413);
    expect(reply.json.error.code).toBe('payload_too_large');
  });

  it('that name an unknown model get 404 and a suggestion', async () => {
    const reply = await post(
      JSON.stringify({ model: 'class:codng', messages: [{ role: 'user', content: 'x' }] }),
    );
    expect(reply.status).toBe(404);
    expect(reply.json.error.message).toContain('did you mean "class:coding"');
  });
});

describe('prompts that are odd but legal', () => {
  it('of 100,000 characters are decided by what the encoder sees', async () => {
    const reply = await post(
      chat(`Summarise this report:\n${'The quarter went well. '.repeat(4_400)}`),
    );
    expect(reply.status).toBe(200);
    expect(reply.headers.get('x-switchyard-class')).toBe('summarization');
  });

  it('of 20 MB get an answer, too', async () => {
    expect((await post(chat('word '.repeat(4 * 1024 * 1024)))).status).toBe(200);
  });

  it.each([
    ['lone surrogates', chat('a \uD800 b')],
    ['an escaped lone surrogate', '{"messages":[{"role":"user","content":"x \\ud83d y"}]}'],
    ['NUL', chat('a \u0000 b')],
    ['white space only', chat(' \n\t ')],
    ['an unknown role', chat('hi', 'wizard')],
    ['no content', chat(null)],
  ])('get an answer: %s', async (_what, body) => {
    expect((await post(body)).status).toBe(200);
  });

  it('made of an image alone go to the default class, which says so', async () => {
    const image = { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } };
    const reply = await post(chat([image]));
    expect(reply.status).toBe(200);
    expect(reply.headers.get('x-switchyard-class')).toBe('knowledge');
    expect(reply.headers.get('x-switchyard-abstained')).toBe('no-ask');
  });

  it('made of a system message alone go to the default class, which says so', async () => {
    const reply = await post(chat('You are helpful.', 'system'));
    expect(reply.status).toBe(200);
    expect(reply.headers.get('x-switchyard-abstained')).toBe('no-ask');
  });
});

describe('the server', () => {
  it('keeps a harmless request id and replaces a harmful one', async () => {
    const kept = await post(chat('hi'), { 'x-request-id': 'abc-123' });
    expect(kept.headers.get('x-request-id')).toBe('abc-123');
    const replaced = await post(chat('hi'), { 'x-request-id': 'a b<script>' });
    expect(replaced.headers.get('x-request-id')).toMatch(/^[\w-]{36}$/);
  });

  it('says what is not there', async () => {
    const reply = await fetch(`${server.url}/v1/nothing`);
    expect(reply.status).toBe(404);
    expect(await reply.json()).toMatchObject({ error: { code: 'not_found' } });
    expect((await fetch(`${server.url}/v1/models/${encodeURIComponent('a/b')}`)).status).toBe(404);
    expect((await fetch(`${server.url}/v1/models/%E0%A4%A`)).status).toBe(400);
  });

  it('is alive and ready after all of this', async () => {
    expect((await fetch(`${server.url}/livez`)).status).toBe(200);
    expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
  });
});
