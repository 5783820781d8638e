// The provider of the bench, in a process of its own: a stream comes in pieces a few milliseconds apart. Says its address on
// stdout.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { plain, stream } from './support/chat-replies.ts';

const gapMs = 5;
const whole = Buffer.from(plain);
const frames = stream.map((frame) => Buffer.from(frame));
const asksForStream = Buffer.from('"stream":true');

const server = createServer((request, response) => {
  const body: Buffer[] = [];
  request.on('data', (part: Buffer) => body.push(part));
  request.on('end', () => {
    if (Buffer.concat(body).includes(asksForStream)) {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      send(0);
      return;
    }
    response.writeHead(200, {
      'content-type': 'application/json',
      'content-length': whole.length,
    });
    response.end(whole);
  });

  function send(position: number): void {
    response.write(frames[position]);
    if (position + 1 < frames.length) setTimeout(send, gapMs, position + 1);
    else response.end();
  }
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
});
