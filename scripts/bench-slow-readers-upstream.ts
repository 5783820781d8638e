// The provider of bench-slow-readers, in a process of its own: streams without end to whoever asks for a stream, as fast as it
// is taken. Says its address on stdout, and at GET /taken how many bytes the streams that are open have taken.
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

const choice = (content: string) => ({ choices: [{ index: 0, delta: { content } }] });
// A few kB at once: what is measured is memory, and not how fast small events are.
const words = 'a few words of a stream that does not end '.repeat(50);
const frame = `data: ${JSON.stringify(choice(words))}\n\n`;
const plain = JSON.stringify({
  choices: [{ index: 0, message: { role: 'assistant', content: 'ok' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
});
const taken = new Map<ServerResponse, number>();

function* endless(response: ServerResponse): Generator<string> {
  for (let bytes = 0; ; bytes += frame.length) {
    taken.set(response, bytes);
    yield frame;
  }
}

async function streamForEver(response: ServerResponse): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  try {
    await pipeline(Readable.from(endless(response), { objectMode: false }), response);
  } catch {
    // Whoever reads it has left, which is how it ends.
  }
  taken.delete(response);
}

const server = createServer(async (request, response) => {
  if (request.url === '/taken') {
    response.end(JSON.stringify([...taken.values()]));
    return;
  }
  const body: Buffer[] = [];
  for await (const part of request) body.push(part);
  if (JSON.parse(Buffer.concat(body).toString()).stream === true) await streamForEver(response);
  else response.writeHead(200, { 'content-type': 'application/json' }).end(plain);
});
// Longer than anybody who asks waits between two questions.
server.keepAliveTimeout = 600_000;
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
});
