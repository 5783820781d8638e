import { once } from 'node:events';
import { createServer, request as httpRequest, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { createHandler } from '../../src/http/server.ts';
import type { AppState } from '../../src/http/services.ts';
import { createLogger } from '../../src/telemetry/log.ts';
import { createMetrics } from '../../src/telemetry/metrics/metrics.ts';

let state: AppState = { kind: 'starting', waitingFor: 'the index' };
let server: Server;
let url: string;

beforeAll(async () => {
  const logger = createLogger('silent');
  server = createServer(
    createHandler({
      state: () => state,
      logger,
      maxBodyBytes: 1_000,
      maxInFlight: 2,
      sendTimeoutMs: 60_000,
      keys: { apiKeys: [], adminToken: '' },
      metrics: createMetrics({ models: new Set(), classes: new Set() }, systemClock),
    }),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => server.close());

async function ask() {
  const reply = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'auto', messages: [{ role: 'user', content: 'hi' }] }),
  });
  return { reply, error: ((await reply.json()) as { error: Record<string, unknown> }).error };
}

describe.each([
  [{ kind: 'starting', waitingFor: 'the index' }, /starting: the index/],
  [{ kind: 'draining' }, /shutting down|draining/],
] as const)('a router that is %j', (current, message) => {
  it('is alive but not ready', async () => {
    state = current;
    expect((await fetch(`${url}/livez`)).status).toBe(200);
    const ready = await fetch(`${url}/readyz`);
    expect(ready.status).toBe(503);
    expect(await ready.text()).toMatch(message);
  });

  it('tells clients to come back', async () => {
    state = current;
    const { reply, error } = await ask();
    expect(reply.status).toBe(503);
    expect(error['code']).toBe('not_ready');
    expect(error['message']).toMatch(message);
    expect(reply.headers.get('retry-after')).toBe('1');
    expect(reply.headers.get('x-should-retry')).toBe('true');
    expect(reply.headers.get('x-request-id')).toBeTruthy();
  });
});

describe('a router with as many requests under way as it serves', () => {
  it('refuses more, and takes the next when one of them is done', async () => {
    state = { kind: 'starting', waitingFor: 'the index' };
    const { port } = server.address() as AddressInfo;
    // Their bodies never end.
    const open = Array.from({ length: 2 }, () => {
      const request = httpRequest({
        port,
        host: '127.0.0.1',
        method: 'POST',
        path: '/v1/chat/completions',
        headers: { 'content-type': 'application/json', 'content-length': 100 },
      });
      request.on('error', () => {});
      request.write('{');
      return request;
    });
    await vi.waitFor(async () => expect((await ask()).reply.status).toBe(429));
    const { reply, error } = await ask();
    expect(error).toMatchObject({
      code: 'rate_limit_exceeded',
      message: expect.stringContaining('server.maxInFlight'),
    });
    expect(reply.headers.get('retry-after')).toBe('1');
    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(metrics).toMatch(/^switchyard_refusals_total\{code="rate_limit_exceeded"\} [1-9]/m);
    expect(metrics).toMatch(/^switchyard_refusals_total\{code="not_ready"\} [1-9]/m);
    expect((await fetch(`${url}/livez`)).status).toBe(200);
    open[0]?.destroy();
    await vi.waitFor(async () => expect((await ask()).reply.status).toBe(503));
    open[1]?.destroy();
  });
});

describe('an error that nobody meant', () => {
  it('is kept from the client', async () => {
    // A state without services, as a bug would leave it.
    state = { kind: 'ready', services: undefined as never };
    const { reply, error } = await ask();
    expect(reply.status).toBe(500);
    expect(error).toMatchObject({ code: 'internal_error', type: 'server_error' });
    expect(JSON.stringify(error)).not.toContain('undefined');
  });
});
