// What readers that read nothing cost the router in memory, while their streams go on without end, and what the others notice:
// npm run bench:slow-readers [-- --readers 500 --rounds 2 --protocol chat] (Linux, after npm run build).
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { cpuMs, openWorkshop, type RunningRouter, residentBytes } from './support/start-router.ts';

const { values } = parseArgs({
  options: {
    readers: { type: 'string', default: '500' },
    rounds: { type: 'string', default: '2' },
    protocol: { type: 'string', default: 'chat' },
  },
});
const readers = Number(values.readers);
const isChat = values.protocol === 'chat';
const megabyte = 1_024 * 1_024;

const workshop = openWorkshop();
try {
  const upstreamUrl = await workshop.startScript('scripts/bench-slow-readers-upstream.ts');
  const router = await workshop.startRouter({
    name: 'router',
    models: ['mock'],
    config: {
      log: { level: 'silent' },
      providers: { mock: { baseUrl: upstreamUrl, apiKey: 'none' } },
      models: { mock: { provider: 'mock', prices: { input: 1, output: 2 } } },
    },
  });
  await askInTurn(router, 500);
  for (let round = 1; round <= Number(values.rounds); round += 1) {
    report({ round, ...(await measure(router, upstreamUrl)) });
  }
} finally {
  workshop.close();
}

async function measure(router: RunningRouter, upstreamUrl: string) {
  const residentBefore = residentBytes(router.pid);
  const alone = await askInTurn(router, 100);
  const sockets = await Promise.all(Array.from({ length: readers }, () => startReader(router)));
  const taken = await takenAtRest(upstreamUrl, router);
  const residentDuring = residentBytes(router.pid);
  const beside = await askInTurn(router, 100);
  for (const socket of sockets) socket.destroy();
  while ((await takenBytes(upstreamUrl)).length > 0) await setTimeout(100);
  await askInTurn(router, 100);
  return {
    streams: taken.length,
    takenOfAStreamKb: quantiles(taken.map((bytes) => bytes / 1_024)),
    residentMb: {
      before: toMb(residentBefore),
      during: toMb(residentDuring),
      after: toMb(residentBytes(router.pid)),
    },
    residentForAReaderKb: Math.round((residentDuring - residentBefore) / readers / 1_024),
    othersMs: { alone, beside },
  };
}

/** Asks for a stream, and reads not a byte of it. */
async function startReader({ url }: RunningRouter): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.pause();
  await once(socket, 'connect');
  const body = JSON.stringify({
    model: 'mock',
    stream: true,
    max_tokens: 9,
    messages: [{ role: 'user', content: 'hi' }],
  });
  const path = isChat ? '/v1/chat/completions' : '/v1/messages';
  socket.write(
    `POST ${path} HTTP/1.1\r\nhost: ${hostname}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  );
  return socket;
}

/** Of every stream, once all of them have begun, and neither they nor the router have moved for a second. */
async function takenAtRest(upstreamUrl: string, { pid }: RunningRouter): Promise<number[]> {
  let last: number[] = [];
  for (;;) {
    const usedMs = cpuMs(pid);
    await setTimeout(1_000);
    const taken = await takenBytes(upstreamUrl);
    const isAtRest = sum(taken) === sum(last) && cpuMs(pid) - usedMs < 50;
    if (taken.length === readers && isAtRest) return taken;
    last = taken;
  }
}

async function takenBytes(upstreamUrl: string): Promise<number[]> {
  return (await (await fetch(`${upstreamUrl}/taken`)).json()) as number[];
}

/** Plain requests of somebody else, one after the other: what they took. */
async function askInTurn({ url }: RunningRouter, requests: number) {
  const tookMs: number[] = [];
  for (let request = 0; request < requests; request += 1) {
    const startedAtMs = performance.now();
    const reply = await fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'mock', messages: [{ role: 'user', content: 'hi' }] }),
    });
    if (!reply.ok) throw new Error(`${reply.status}: ${await reply.text()}`);
    await reply.arrayBuffer();
    tookMs.push(performance.now() - startedAtMs);
  }
  return quantiles(tookMs);
}

function quantiles(numbers: readonly number[]) {
  const sorted = numbers.toSorted((a, b) => a - b);
  const at = (q: number) =>
    Math.round((sorted[Math.floor(q * (sorted.length - 1))] ?? 0) * 10) / 10;
  return { p50: at(0.5), p99: at(0.99), most: at(1) };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}

function toMb(bytes: number): number {
  return Math.round(bytes / megabyte);
}

function report(facts: object): void {
  process.stdout.write(`${JSON.stringify(facts)}\n`);
}
