import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFewExamplesHome } from '../support/few-examples.ts';
import { runSwitchyard, startServer } from '../support/run-switchyard.ts';
import { completion, json } from '../support/scripted-upstream.ts';
import { startTwoProtocols, type TwoProtocolsServer } from '../support/start-two-protocols.ts';

const environment = {
  SWITCHYARD_API_KEYS: 'key-of-anna, key-of-ben',
  SWITCHYARD_ADMIN_TOKEN: 'token-of-the-operator',
};

let proxy: TwoProtocolsServer;
/** 0.0.0.0 is every address of this machine, the loopback one among them. */
let url: string;

beforeAll(async () => {
  proxy = await startTwoProtocols({ environment, args: ['--host', '0.0.0.0'] });
  proxy.open.script(json(200, completion('hi')));
  url = proxy.url.replace('0.0.0.0', '127.0.0.1');
});

afterAll(() => proxy?.close());

function get(path: string, headers: Record<string, string> = {}) {
  return fetch(`${url}${path}`, { headers });
}

describe('a router with API keys', () => {
  it('lets in who brings one of them, either way', async () => {
    for (const key of ['key-of-anna', 'key-of-ben']) {
      expect((await get('/v1/models', { authorization: `Bearer ${key}` })).status).toBe(200);
      expect((await get('/v1/models', { 'x-api-key': key })).status).toBe(200);
      const both = { authorization: 'Bearer of-somebody-else', 'x-api-key': key };
      expect((await get('/v1/models', both)).status).toBe(200);
    }
    const baseURL = `${url}/v1`;
    const messages = [{ role: 'user' as const, content: 'hi' }];
    const known = new OpenAI({ baseURL, apiKey: 'key-of-anna', maxRetries: 0 });
    await known.chat.completions.create({ model: 'gpt', messages });
    expect(JSON.stringify(proxy.open.requests.at(-1)?.headers)).not.toContain('key-of-anna');
    const stranger = new OpenAI({ baseURL, apiKey: 'guessed', maxRetries: 0 });
    await expect(stranger.chat.completions.create({ model: 'gpt', messages })).rejects.toThrow(
      OpenAI.AuthenticationError,
    );
  });

  it.each([
    {},
    { authorization: 'Bearer key-of' },
    { authorization: 'Bearer key-of-anna, key-of-ben' },
    { authorization: 'Basic key-of-anna' },
    { 'x-api-key': 'token-of-the-operator' },
  ])('turns away %j', async (headers) => {
    const reply = await get('/v1/models', headers);
    expect(reply.status).toBe(401);
    expect(await reply.json()).toMatchObject({ error: { code: 'invalid_api_key' } });
  });

  it('says so in the words of the endpoint', async () => {
    const reply = await get('/v1/messages');
    expect(await reply.json()).toMatchObject({
      type: 'error',
      error: { type: 'authentication_error' },
      request_id: reply.headers.get('request-id'),
    });
  });

  it('keeps health open and the admin endpoints for the token', async () => {
    expect((await get('/livez')).status).toBe(200);
    expect((await get('/readyz')).status).toBe(200);
    expect((await get('/admin/examples')).status).toBe(401);
    expect((await get('/admin/examples', { 'x-api-key': 'key-of-anna' })).status).toBe(401);
    const authorization = `Bearer ${environment.SWITCHYARD_ADMIN_TOKEN}`;
    expect((await get('/admin/examples', { authorization })).status).toBe(200);
    expect((await get('/metrics')).status).toBe(401);
    expect((await get('/metrics', { authorization })).status).toBe(200);
    const foreign = await get('/admin/examples', { authorization, origin: 'https://evil.example' });
    expect(foreign.status).toBe(403);
  });

  it('is reached by its own command line', async () => {
    const args = ['examples', 'add', 'chat', 'an example added with the token'];
    const added = await runSwitchyard(args, { home: proxy.home, environment });
    expect(added.stderr).toBe('');
    expect(added.exitCode).toBe(0);
  });

  it('shows none of them in its configuration', async () => {
    const printed = await runSwitchyard(['config', 'print'], { home: proxy.home, environment });
    expect(printed.stdout).toContain('apiKeys');
    for (const secret of ['key-of-anna', 'token-of-the-operator', 'open-secret']) {
      expect(printed.stdout).not.toContain(secret);
    }
  });
});

describe('a router without API keys', () => {
  it('is not served under a name that was rebound to this machine', async () => {
    const other = createFewExamplesHome(4);
    const running = await startServer({ home: other });
    const { request } = await import('node:http');
    const status = await new Promise((resolve, reject) => {
      const asked = request(`${running.url}/v1/models`, { headers: { host: 'evil.example' } });
      asked.on('response', (reply) => resolve(reply.resume().statusCode));
      asked.on('error', reject);
      asked.end();
    });
    await running.stop();
    other.remove();
    expect(status).toBe(403);
  });

  it('refuses any address but loopback, and says what to do', async () => {
    const other = createFewExamplesHome(4);
    const { exitCode, stderr } = await runSwitchyard(['serve', '--host', '0.0.0.0'], {
      home: other,
    });
    other.remove();
    expect(exitCode).toBe(1);
    expect(stderr).toContain('SWITCHYARD_API_KEYS');
  });
});
