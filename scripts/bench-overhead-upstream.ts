// The provider and the collector of bench-overhead, in a process of their own. Says its address on stdout.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { plain, stream } from './support/chat-replies.ts';

const server = createServer(async (request, response) => {
  const body: Buffer[] = [];
  for await (const part of request) body.push(part);
  if (request.url === '/v1/traces') {
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    return;
  }
  if (JSON.parse(Buffer.concat(body).toString()).stream !== true) {
    response.writeHead(200, { 'content-type': 'application/json' }).end(plain);
    return;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const frame of stream) {
    response.write(frame);
    await new Promise(setImmediate);
  }
  response.end();
});
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
});
