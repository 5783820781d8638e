import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import express from 'express';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EmbedderError } from '../../src/embedding/embedder.ts';
import { createEmbeddings } from '../../src/http/embeddings.ts';
import { createErrorHandler } from '../../src/http/error-handler.ts';
import { readRawBody } from '../../src/http/json-body.ts';
import type { Services } from '../../src/http/services.ts';
import { createLogger } from '../../src/telemetry/log.ts';
import { createFakeClock, type FakeClock } from '../support/fake-clock.ts';
import { createFakeEmbedder, type FakeEmbedder } from '../support/fake-embedder.ts';

let embedder: FakeEmbedder;
let clock: FakeClock;
let server: Server;
let url: string;
let deadlines: (number | undefined)[];
let onBatch: () => void | Promise<void>;

beforeEach(async () => {
  embedder = createFakeEmbedder();
  clock = createFakeClock();
  deadlines = [];
  onBatch = () => {};
  const watched: FakeEmbedder = {
    ...embedder,
    async embed(texts, options) {
      deadlines.push(options?.deadlineMs);
      await onBatch();
      return embedder.embed(texts, options);
    },
  };
  const services: Partial<Services> = { embedder: watched, clock, deadlineMs: 60_000 };
  const app = express();
  app.use(readRawBody(1e6));
  app.post(
    '/v1/embeddings',
    createEmbeddings(() => services as Services),
  );
  app.use(createErrorHandler(createLogger('silent'), { refused() {} }));
  server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/embeddings`;
});

afterEach(() => {
  server.closeAllConnections();
  server.close();
});

function ask(options: { signal?: AbortSignal; headers?: Record<string, string> } = {}) {
  const input = Array.from({ length: 24 }, (_, index) => `text ${index}`);
  return fetch(url, {
    method: 'POST',
    body: JSON.stringify({ model: 'switchyard/fake', input }),
    ...options,
  });
}

describe('embeddings of the router’s own encoder', () => {
  it('are made in batches, under one deadline', async () => {
    onBatch = () => clock.advance(1_000);
    const reply = await ask({ headers: { 'x-switchyard-timeout-ms': '5000' } });
    expect(reply.status).toBe(200);
    expect(deadlines).toEqual([5_000, 4_000, 3_000]);
  });

  it('end as a timeout that says how far they came', async () => {
    onBatch = () => {
      if (deadlines.length === 2) embedder.failWith(new EmbedderError('late', 'too late'));
    };
    const reply = await ask();
    expect(reply.status).toBe(504);
    expect(await reply.json()).toMatchObject({
      error: { code: 'upstream_timeout', message: 'The time is over after 8 of 24 texts.' },
    });
  });

  it('stop when the client has left', async () => {
    const leaving = new AbortController();
    const connected = once(server, 'connection') as Promise<[Socket]>;
    onBatch = async () => {
      const [socket] = await connected;
      leaving.abort();
      await once(socket, 'close');
    };
    await expect(ask({ signal: leaving.signal })).rejects.toThrow('abort');
    await new Promise(setImmediate);
    expect(deadlines).toHaveLength(1);
  });
});
