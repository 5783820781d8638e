// Express and undici with nothing in between, in a process of its own: what a proxy of these parts costs before it decides,
// plans or records anything. Says its address on stdout.
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream/promises';
import express from 'express';
import { Agent } from 'undici';

const [upstreamUrl = ''] = process.argv.slice(2);
const dispatcher = new Agent();
const app = express();
app.disable('x-powered-by');
app.post(
  '/v1/chat/completions',
  express.raw({ type: 'application/json', limit: '32mb' }),
  async (request, response) => {
    const reply = await dispatcher.request({
      origin: upstreamUrl,
      path: request.path,
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: request.body,
    });
    for (const name of ['content-type', 'content-length']) {
      const value = reply.headers[name];
      if (value !== undefined) response.setHeader(name, value);
    }
    response.writeHead(reply.statusCode);
    await pipeline(reply.body, response);
  },
);
const server = app.listen(0, '127.0.0.1', () => {
  process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
});
