import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createHttpProvider, type HttpProviderOptions } from '../../src/upstream/http-provider.ts';
import type { Provider } from '../../src/upstream/provider.ts';
import type { Target } from '../../src/upstream/target.ts';
import { createFakeClock, type FakeClock } from '../support/fake-clock.ts';
import {
  completion,
  createScriptedUpstream,
  json,
  type ScriptedUpstream,
  sse,
  stall,
  stallInBody,
} from '../support/scripted-upstream.ts';
import { collect, makeTarget } from './plan-fixture.ts';

let upstream: ScriptedUpstream;
let clock: FakeClock;
let provider: Provider;

function create(options: Partial<HttpProviderOptions> = {}): Provider {
  return createHttpProvider({
    name: 'openai',
    baseUrl: upstream.url,
    apiKey: 'sk-test',
    connectTimeoutMs: 1_000,
    clock,
    ...options,
  });
}

function call(through: Provider, signal = new AbortController().signal, stream = false) {
  return callFor(makeTarget({ upstreamModel: 'gpt-5.5' }), through, signal, stream);
}

function callFor(
  target: Target,
  through: Provider,
  signal = new AbortController().signal,
  stream = false,
) {
  const body = Buffer.from('{"temperature":1.0,"model":"auto"}');
  return through.call({ target, body, stream, signal, headers: { 'x-request-id': 'r1' } });
}

beforeEach(async () => {
  upstream = await createScriptedUpstream();
  clock = createFakeClock();
  provider = create();
});

afterEach(async () => {
  await upstream.close();
  await provider.close();
});

describe('a provider over HTTP', () => {
  it('sends the body as it is, with its own key', async () => {
    upstream.script(json(200, completion('Hi')));
    const reply = await call(provider);
    expect(reply).toMatchObject({ status: 200, headers: { 'content-type': 'application/json' } });
    expect(JSON.parse(await collect(reply.body))).toEqual(completion('Hi'));
    const [request] = upstream.requests;
    expect(request?.path).toBe('/v1/chat/completions');
    expect(request?.body.toString()).toBe('{"temperature":1.0,"model":"auto"}');
    expect(request?.headers).toMatchObject({
      authorization: 'Bearer sk-test',
      'content-type': 'application/json',
      accept: 'application/json',
      'x-request-id': 'r1',
    });
  });

  it.each([
    ['messages' as const, '/v1/messages'],
    ['responses' as const, '/v1/responses'],
    ['completions' as const, '/v1/completions'],
    ['embeddings' as const, '/v1/embeddings'],
  ])('asks in %s under %s', async (protocol, path) => {
    upstream.script(json(200, {}));
    const target = makeTarget({ protocol });
    const signal = new AbortController().signal;
    const body = Buffer.from('{}');
    await collect((await provider.call({ target, body, stream: false, signal, headers: {} })).body);
    expect(upstream.requests[0]?.path).toBe(path);
    expect(upstream.requests[0]?.headers['anthropic-version']).toBe(
      protocol === 'messages' ? '2023-06-01' : undefined,
    );
  });

  it('puts the model into the address and the key into the header that the provider wants', async () => {
    upstream.script(json(200, {}));
    const azure = create({
      baseUrl: `${upstream.url.replace('/v1', '')}/openai/deployments/{model}?api-version=2024-10-21`,
      keyHeader: 'api-key',
    });
    await collect((await call(azure)).body);
    await azure.close();
    const [request] = upstream.requests;
    expect(request?.path).toBe(
      '/openai/deployments/gpt-5.5/chat/completions?api-version=2024-10-21',
    );
    expect(request?.headers).toMatchObject({ 'api-key': 'sk-test' });
    expect(request?.headers.authorization).toBeUndefined();
  });

  it('asks for an event stream when the client does', async () => {
    upstream.script(sse([]));
    await collect((await call(provider, undefined, true)).body);
    expect(upstream.requests[0]?.headers.accept).toBe('text/event-stream');
  });

  it('sends no authorization without a key, and the configured headers', async () => {
    upstream.script(json(200, completion('Hi')));
    const keyless = create({
      baseUrl: `${upstream.url}/?api-version=1`,
      apiKey: undefined,
      headers: { 'api-key': 'k' },
    });
    await collect((await call(keyless)).body);
    await keyless.close();
    expect(upstream.requests[0]?.path).toBe('/v1/chat/completions?api-version=1');
    expect(upstream.requests[0]?.headers).not.toHaveProperty('authorization');
    expect(upstream.requests[0]?.headers).toHaveProperty('api-key', 'k');
  });

  it('answers with HTTP errors and repeated headers as they are', async () => {
    upstream.script((response) => {
      response.writeHead(503, { 'x-many': ['a', 'b'] }).end('down');
    });
    const reply = await call(provider);
    expect(reply).toMatchObject({ status: 503, headers: { 'x-many': 'a, b' } });
    expect(await collect(reply.body)).toBe('down');
  });

  it('uses a connection again', async () => {
    const ports = new Set<unknown>();
    upstream.script((response) => {
      ports.add(response.socket?.remotePort);
      response.end('{}');
    });
    for (let count = 0; count < 5; count += 1) await collect((await call(provider)).body);
    // undici frees a connection a moment after its reply, so a second one may come into play.
    expect(ports.size).toBeLessThanOrEqual(2);
  });

  it('rejects with the error of the network', async () => {
    await upstream.close();
    const rejection = await call(provider).catch((error: unknown) => error);
    expect(rejection).toMatchObject({ code: 'ECONNREFUSED' });
    upstream = await createScriptedUpstream();
  });

  it('aborts a call that waits for its reply', async () => {
    upstream.script(stall);
    const controller = new AbortController();
    const pending = call(provider, controller.signal);
    const request = await upstream.nextRequest();
    controller.abort();
    await expect(pending).rejects.toThrow('aborted');
    await request.aborted;
  });

  it('holds the provider back while nobody reads, and then gives all of it', async () => {
    const whole = randomBytes(64 * 1024 * 1024);
    let sender: ServerResponse | undefined;
    upstream.script((response) => {
      sender = response;
      response.end(whole);
    });
    const { body } = await call(provider);
    for (let count = 0; count < 20; count += 1) {
      upstream.script(json(200, {}));
      await collect((await call(provider)).body);
    }
    expect(sender?.writableFinished).toBe(false);
    const digest = createHash('sha256');
    for await (const chunk of body) digest.update(chunk);
    expect(digest.digest('hex')).toBe(createHash('sha256').update(whole).digest('hex'));
  });

  it('lets the provider go when the rest of a body is not wanted', async () => {
    upstream.script(stallInBody(200, 'first'));
    const { body } = await call(provider);
    const request = await upstream.nextRequest();
    for await (const chunk of body) {
      expect(Buffer.from(chunk).toString()).toBe('first');
      break;
    }
    await request.aborted;
  });

  it('does not call at all for a client that is gone already', async () => {
    await expect(call(provider, AbortSignal.abort())).rejects.toThrow('aborted');
    expect(upstream.requests).toHaveLength(0);
  });
});

describe('a provider over HTTP, while it connects', () => {
  // TLS never gets an answer from this server, so the connection never stands.
  let silent: Server;
  let sockets: Socket[];
  let unanswered: Provider;

  beforeEach(async () => {
    sockets = [];
    silent = createServer((socket) => void sockets.push(socket.on('error', () => {})));
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    unanswered = create({ baseUrl: `https://127.0.0.1:${port}/v1` });
  });

  afterEach(async () => {
    for (const socket of sockets) socket.destroy();
    silent.close();
    await unanswered.close();
  });

  it('gives up after its time and closes the socket', async () => {
    const connected = once(silent, 'connection');
    const pending = call(unanswered);
    const [socket] = await connected;
    const closed = once(socket, 'close');
    socket.resume();
    clock.advance(999);
    clock.advance(1);
    await expect(pending).rejects.toMatchObject({ code: 'UND_ERR_CONNECT_TIMEOUT' });
    await closed;
    expect(clock.pending()).toBe(0);
  });

  it('gives a model the time of its own, and the others theirs', async () => {
    const connected = once(silent, 'connection');
    const ended: string[] = [];
    const { timeouts } = makeTarget({});
    const patient = makeTarget({ timeouts: { ...timeouts, connectMs: 3_000 } });
    const pending = [
      call(unanswered).catch(() => ended.push('usual')),
      callFor(patient, unanswered).catch(() => ended.push('patient')),
    ];
    await connected;
    await vi.waitFor(() => expect(clock.pending()).toBe(2));
    clock.advance(1_000);
    await pending[0];
    clock.advance(1_999);
    expect(ended).toEqual(['usual']);
    clock.advance(1);
    await pending[1];
    expect(ended).toEqual(['usual', 'patient']);
  });

  it('lets a client go at once', async () => {
    const connected = once(silent, 'connection');
    const controller = new AbortController();
    const pending = call(unanswered, controller.signal);
    await connected;
    controller.abort();
    await expect(pending).rejects.toThrow('aborted');
    clock.advance(1_000);
  });
});
