// The provider and the collector of bench-overhead, in a process of their own. Says its address on stdout.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const pieces = 24;
const usage = { prompt_tokens: 20, completion_tokens: pieces, total_tokens: 20 + pieces };
const head = { id: 'chatcmpl-bench', created: 1_700_000_000, model: 'mock' };

function chunk(fields: object): string {
  return `data: ${JSON.stringify({ ...head, object: 'chat.completion.chunk', ...fields })}\n\n`;
}

const content = (text: string) => chunk({ choices: [{ index: 0, delta: { content: text } }] });
const stream = [
  ...Array.from({ length: pieces }, () => content(' a few words')),
  chunk({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }),
  chunk({ choices: [], usage }),
  'data: [DONE]\n\n',
];
const message = { role: 'assistant', content: ' a few words'.repeat(pieces) };
const plain = JSON.stringify({
  ...head,
  object: 'chat.completion',
  choices: [{ index: 0, message, finish_reason: 'stop' }],
  usage,
});

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
