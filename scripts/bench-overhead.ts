// What the store, the log and the traces cost a request, in CPU of the router's process: two routers, one with all of it and
// one without, asked by turns, so that both meet the machine in the same mood:
// npm run bench:overhead [-- --rounds 10 --requests 400 --parts store,log,traces --kinds plain,streams] (Linux, after npm run build).
// Metrics and statistics are counted in both; bench:records has what they cost.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createRandom } from '../src/random.ts';
import { readShippedExamples } from './support/example-set.ts';
import { toScriptedProvider } from './support/scripted-provider.ts';
import { openWorkshop, type RunningRouter } from './support/start-router.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '10' },
    requests: { type: 'string', default: '400' },
    parts: { type: 'string', default: 'store,log,traces' },
    kinds: { type: 'string', default: 'plain,streams' },
  },
});
/** What the one router has and the other has not. */
const parts = new Set(values.parts.split(','));
const rounds = Number(values.rounds);
const requests = Number(values.requests);
const clients = 4;
/** What is batched has been written and exported by then. */
const settleMs = 1_500;
/** Until all of the router's code is compiled. */
const warmUps = 6_000;

const random = createRandom(1);
const words = readShippedExamples().flatMap(({ text }) => text.split(/\s+/));
/** Never the same twice. */
const newPrompt = (): string =>
  Array.from({ length: 16 }, () => words[Math.floor(random() * words.length)]).join(' ');

const workshop = openWorkshop();
try {
  const upstreamUrl = await workshop.startScript('scripts/bench-overhead-upstream.ts');
  const on = await startRouter('on', upstreamUrl);
  const off = await startRouter('off', upstreamUrl);
  for (const kind of values.kinds.split(',')) {
    const stream = kind === 'streams';
    for (const router of [on, off]) await warmUp(router, stream);
    const pairs: Pair[] = [];
    for (let round = 0; round < rounds; round += 1) pairs.push(await measure({ on, off }, stream));
    report(kind, pairs);
  }
} finally {
  workshop.close();
}

function startRouter(name: 'on' | 'off', upstreamUrl: string): Promise<RunningRouter> {
  const has = (part: string) => name === 'on' && parts.has(part);
  const traces = { OTEL_EXPORTER_OTLP_ENDPOINT: upstreamUrl, OTEL_BSP_SCHEDULE_DELAY: '1000' };
  return workshop.startRouter({
    name,
    models: ['mock'],
    config: {
      decisions: { enabled: has('store') },
      log: { level: has('log') ? 'info' : 'silent' },
      ...toScriptedProvider(upstreamUrl),
    },
    ...(has('traces') ? { environment: traces } : {}),
  });
}

/** For one request, in milliseconds. */
interface Cpu {
  readonly encoder: number;
  readonly rest: number;
}

interface Pair {
  readonly on: Cpu;
  readonly off: Cpu;
}

async function measure(
  { on, off }: { on: RunningRouter; off: RunningRouter },
  stream: boolean,
): Promise<Pair> {
  const before = { on: cpuByThread(on.pid), off: cpuByThread(off.pid) };
  let asked = 0;
  await askAll(2 * requests, () => {
    asked += 1;
    return ask((asked % 2 === 0 ? on : off).url, { stream, prompt: newPrompt() });
  });
  await setTimeout(settleMs);
  return { on: cpuSince(before.on, on), off: cpuSince(before.off, off) };
}

function cpuSince(before: ReadonlyMap<string, number>, { pid }: RunningRouter): Cpu {
  const used = [...cpuByThread(pid)].map(([thread, ms]) => ({
    isMain: thread === String(pid),
    ms: (ms - (before.get(thread) ?? 0)) / requests,
  }));
  const total = used.reduce((sum, { ms }) => sum + ms, 0);
  // One worker embeds, and does more than all other threads but the main one.
  const encoder = Math.max(...used.filter(({ isMain }) => !isMain).map(({ ms }) => ms));
  return { encoder, rest: total - encoder };
}

/** With prompts that are embedded once, since the encoder needs no warmth. */
async function warmUp({ url }: RunningRouter, stream: boolean): Promise<void> {
  const prompts = Array.from({ length: 50 }, newPrompt);
  let asked = 0;
  await askAll(warmUps, () => {
    asked += 1;
    return ask(url, { stream, prompt: prompts[asked % prompts.length] ?? '' });
  });
}

async function askAll(count: number, askOne: () => Promise<void>): Promise<void> {
  let left = count;
  const client = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await askOne();
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
}

async function ask(url: string, how: { stream: boolean; prompt: string }): Promise<void> {
  const { stream, prompt } = how;
  const reply = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'auto', stream, messages: [{ role: 'user', content: prompt }] }),
  });
  if (!reply.ok) throw new Error(`${reply.status}: ${await reply.text()}`);
  await reply.arrayBuffer();
}

/** CPU of every thread since it began, in milliseconds. */
function cpuByThread(pid: number): Map<string, number> {
  const tasks = `/proc/${pid}/task`;
  return new Map(
    readdirSync(tasks).map((thread) => {
      const [ns] = readFileSync(join(tasks, thread, 'schedstat'), 'utf8').split(' ');
      return [thread, Number(ns) / 1e6];
    }),
  );
}

/** The encoder's work is the same on both sides, and its share swings with the machine: it counts in the whole only. */
function report(kind: string, pairs: readonly Pair[]): void {
  const of = (pick: (pair: Pair) => number) => {
    const sorted = pairs.map(pick).sort((a, b) => a - b);
    const at = (q: number) => round(sorted[Math.floor(q * (sorted.length - 1))] ?? Number.NaN);
    return { least: at(0), median: at(0.5), most: at(1) };
  };
  const facts = {
    kind,
    requestsASide: pairs.length * requests,
    encoderMs: of(({ off }) => off.encoder),
    restMsOff: of(({ off }) => off.rest),
    restMsOn: of(({ on }) => on.rest),
    addedMs: of(({ on, off }) => on.rest - off.rest),
    ratio: of(({ on, off }) => 1 + (on.rest - off.rest) / (off.rest + off.encoder)),
  };
  process.stdout.write(`${JSON.stringify(facts)}\n`);
}

function round(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
