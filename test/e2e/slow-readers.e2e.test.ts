import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { chunk, completion, json, type Step } from '../support/scripted-upstream.ts';
import { startTwoProtocols, type TwoProtocolsServer } from '../support/start-two-protocols.ts';
import { message } from '../support/two-protocols.ts';

const pieceBytes = 64 * 1024;
/** More than all buffers of the system between a provider, the router and a client, which can be several MB each. */
const pieces = 512;
const patience = { timeout: 20_000 };
let proxy: TwoProtocolsServer;

afterEach(() => proxy.close());

/** A long stream, sent as it is taken; `taken` has how many pieces each one of them is at. */
function longStream(taken: number[]): Step {
  return async (response) => {
    const stream = taken.push(0) - 1;
    function* frames(): Generator<string> {
      for (let piece = 0; piece < pieces; piece += 1) {
        taken[stream] = piece;
        yield chunk({ content: `${piece}:`.padEnd(pieceBytes, '.') });
      }
      yield chunk({}, 'stop');
      yield 'data: [DONE]\n\n';
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    // Who reads it may leave.
    await pipeline(Readable.from(frames(), { objectMode: false }), response).catch(() => {});
  };
}

/** A client that has asked for a stream and does not read. */
async function startReader(path: string, fields: object = {}): Promise<Socket> {
  const { hostname, port } = new URL(proxy.url);
  const socket = connect(Number(port), hostname).pause();
  await once(socket, 'connect');
  const messages = [{ role: 'user', content: 'hi' }];
  const body = JSON.stringify({ model: 'gpt', stream: true, max_tokens: 9, messages, ...fields });
  const head = [
    `POST ${path} HTTP/1.1`,
    'host: localhost',
    'content-type: application/json',
    `content-length: ${body.length}`,
    'connection: close',
  ];
  socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
  return socket;
}

async function askShortly(model = 'claude'): Promise<number> {
  const reply = await fetch(`${proxy.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model, messages: [{ role: 'user', content: 'hi' }] }),
  });
  await reply.arrayBuffer();
  return reply.status;
}

async function underWay(): Promise<number> {
  const text = await (await fetch(`${proxy.url}/metrics`)).text();
  return Number(/^switchyard_inflight_requests (\d+)$/m.exec(text)?.[1]);
}

/** Serves others until the streams have not moved during twenty requests. */
async function untilAtRest(taken: readonly number[]): Promise<void> {
  const sum = () => taken.reduce((total, each) => total + each, 0);
  let stillFor = 0;
  for (let last = -1; stillFor < 20; last = sum()) {
    expect(await askShortly()).toBe(200);
    stillFor = sum() === last ? stillFor + 1 : 0;
  }
}

describe('a client that does not read', () => {
  it('stops its provider, keeps nobody else from being served, and has every byte once it reads on', async () => {
    proxy = await startTwoProtocols();
    const taken: number[] = [];
    proxy.open.script(longStream(taken));
    proxy.claude.script(json(200, message('others')));
    const paths = Array.from({ length: 4 }, (_, reader) =>
      reader % 2 === 0 ? '/v1/chat/completions' : '/v1/messages',
    );
    const readers = await Promise.all(paths.map((path) => startReader(path)));
    await vi.waitFor(() => expect(taken).toHaveLength(readers.length), patience);
    await untilAtRest(taken);
    for (const each of taken) expect(each).toBeLessThan((pieces * 3) / 4);

    const [first, second, ...others] = readers;
    for (const other of others) other.destroy();
    for (const reader of [first, second]) {
      let text = '';
      for await (const bytes of reader ?? []) text += String(bytes).replaceAll('.', '');
      const numbers = [...text.matchAll(/"(?:content|text)":"(\d+):/g)].map(([, at]) => Number(at));
      expect(numbers).toEqual(Array.from({ length: pieces }, (_, piece) => piece));
      expect(text).toMatch(/data: \[DONE\]|event: message_stop/);
    }
  }, 60_000);

  it('is cut off after server.sendTimeoutMs and lets go of its provider, but not while that takes its time', async () => {
    proxy = await startTwoProtocols({ config: { server: { sendTimeoutMs: 100 } } });
    proxy.open.script(longStream([]));
    await startReader('/v1/chat/completions');
    const { aborted } = await proxy.open.nextRequest();
    await aborted;

    const whole = 'x'.repeat(pieces * pieceBytes);
    proxy.open.script(json(200, completion(whole)));
    await startReader('/v1/chat/completions', { stream: false });
    await proxy.open.nextRequest();
    await vi.waitFor(async () => expect(await underWay()).toBe(0), patience);

    let answer = () => {};
    const asked = new Promise<void>((resolve) => (answer = resolve));
    proxy.open.script(async (response, request) => {
      await asked;
      return json(200, completion('late'))(response, request);
    });
    proxy.claude.script(json(200, message('others')));
    const reply = askShortly('gpt');
    await proxy.open.nextRequest();
    const startedAtMs = performance.now();
    while (performance.now() - startedAtMs < 300) await askShortly();
    answer();
    expect(await reply).toBe(200);
  }, 60_000);
});
