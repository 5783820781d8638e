import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createHealthRouter } from '../../src/http/admin-health.ts';
import { createErrorHandler } from '../../src/http/error-handler.ts';
import { readRawBody } from '../../src/http/json-body.ts';
import type { Services } from '../../src/http/services.ts';
import { createLogger } from '../../src/telemetry/log.ts';
import { alwaysWell } from '../../src/upstream/health/health.ts';
import { noProbes } from '../../src/upstream/probes/prober.ts';
import { createFakeClock } from '../support/fake-clock.ts';

let server: Server;

beforeEach(async () => {
  const catalogue = { models: new Map([['gpt', { deployments: [] }]]) };
  const services = {
    health: alwaysWell,
    prober: noProbes,
    clock: createFakeClock(),
    catalogue,
  } as object;
  const app = express();
  app.use(
    readRawBody(1e6),
    createHealthRouter(() => services as Services),
  );
  app.use(createErrorHandler(createLogger('silent'), { refused() {} }));
  server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterEach(() => server.close());

it.each([
  ['gpt', 409, 'breaker.enabled is false'],
  ['gtp', 404, 'did you mean "gpt"'],
])('says why %s can not be isolated where breakers are off', async (model, status, message) => {
  const { port } = server.address() as AddressInfo;
  const reply = await fetch(`http://127.0.0.1:${port}/isolate`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model }),
  });
  expect(reply.status).toBe(status);
  expect(await reply.json()).toMatchObject({
    error: { message: expect.stringContaining(message) },
  });
});
