// A router among providers that fail and clients that misbehave, for as long as you like: a calm stretch, then a chaotic one.
// npm run soak [-- --minutes 10 --rate 40 --failing 0.3 --seed 1 --report soak.json] (Linux, after npm run build). Prints a
// report, as JSON to a file too; exits with 1 when something happened that must not.
import { writeFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createRandom } from '../src/random.ts';
import { twoProtocols } from '../test/support/two-protocols.ts';
import { median } from './bench/figures.ts';
import { clearUp } from './soak/aftermath.ts';
import { type Phase, runPhase } from './soak/phase.ts';
import { createWatch, openSockets, type Sample } from './soak/watch.ts';
import { readShippedExamples } from './support/example-set.ts';
import { openWorkshop, type RunningRouter } from './support/start-router.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    rate: { type: 'string', default: '40' },
    failing: { type: 'string', default: '0.3' },
    seed: { type: 'string', default: '1' },
    report: { type: 'string' },
  },
});
const minuteMs = 60_000;
const totalMs = Number(values.minutes) * minuteMs;
const calmMs = Math.min(minuteMs, totalMs / 3);
/** Full within the first minute: by default the vectors of ten thousand prompts are kept, and filling that would look like a leak. */
const cacheBytes = 2 * 1024 * 1024;
const sampleMs = 5_000;
const teachMs = 30_000;
/** Of those who look on. */
const ownSockets = 4;
/** Shorter runs end before memory has found its level. */
const leastMsForMemory = 5 * minuteMs;

const random = createRandom(Number(values.seed));
const words = readShippedExamples().flatMap(({ text }) => text.split(/\s+/));
const prompts = (): string =>
  Array.from({ length: 16 }, () => words[Math.floor(random() * words.length)]).join(' ');

const workshop = openWorkshop();
try {
  const upstreamUrl = await workshop.startScript('scripts/soak-upstream.ts');
  const router = await workshop.startRouter({
    name: 'router',
    models: [],
    config: toConfig(upstreamUrl),
  });
  const report = await soak(router, upstreamUrl);
  const text = `${JSON.stringify(report, null, 2)}\n`;
  process.stdout.write(text);
  if (values.report !== undefined) writeFileSync(values.report, text);
  process.exitCode = report.complaints.length === 0 ? 0 : 1;
} finally {
  workshop.close();
}

/** Everything happens a good deal sooner than by default, so that a run of minutes has many of each. */
function toConfig(upstreamUrl: string): object {
  const config = twoProtocols({ open: `${upstreamUrl}/v1`, claude: `${upstreamUrl}/v1` }) as {
    readonly models: Record<string, object>;
  };
  const timeouts = { firstContentMs: 1_000, idleMs: 1_000, totalMs: 15_000 };
  return {
    ...config,
    models: Object.fromEntries(
      Object.entries(config.models).map(([name, model]) => [name, { ...model, timeouts }]),
    ),
    server: { sendTimeoutMs: 5_000 },
    embedding: { cacheBytes },
    log: { level: 'warn' },
    retries: { waitMs: 500 },
    breaker: { openMs: 1_000, longestOpenMs: 4_000, refusalMs: 1_000, rampMs: 2_000 },
  };
}

async function soak(router: RunningRouter, upstreamUrl: string) {
  const { url } = router;
  const setFailing = (share: string) =>
    fetch(`${upstreamUrl}/failing`, { method: 'POST', body: share });
  const watch = createWatch(router);
  const socketsBefore = openSockets(router);
  const over = new AbortController();
  const beside = [
    every(sampleMs, over.signal, () => watch.sample()),
    every(teachMs, over.signal, () => teach(url)),
  ];

  const how = { url, rate: Number(values.rate), random, prompts };
  const calm = await runPhase({ ...how, isCalm: true, durationMs: calmMs });
  await setFailing(values.failing);
  const chaos = await runPhase({ ...how, isCalm: false, durationMs: totalMs - calmMs });
  await setFailing('0');
  over.abort();
  await Promise.all(beside);
  await watch.sample();
  const aftermath = await clearUp(router, upstreamUrl, [calm, chaos]);
  const exitCode = await router.stop();

  const delay = (from: number, to: number) => {
    const of = watch.samples.filter(({ atMs }) => atMs >= from && atMs <= to);
    return Math.round(Math.max(...of.map(({ loopDelayP99Ms }) => loopDelayP99Ms)) * 10) / 10;
  };
  const memory = memoryOf(watch.samples);
  const facts = {
    minutes: Number(values.minutes),
    calm: show(calm),
    chaos: show(chaos),
    p99Ratio: Math.round((chaos.tookMs.p99 / calm.tookMs.p99) * 100) / 100,
    worstLoopDelayP99Ms: { calm: delay(0, calmMs), chaos: delay(calmMs, totalMs) },
    memory,
    socketsBefore,
    ...aftermath,
    exitCode,
  };
  const { decisions } = aftermath;
  const complaints = [
    { if: calm.unexpected + chaos.unexpected > 0, what: 'requests ended as none may' },
    { if: aftermath.underWay > 0, what: 'requests are still under way' },
    { if: aftermath.openUpstream > 0, what: 'calls to providers are still open' },
    { if: aftermath.sockets > socketsBefore + ownSockets, what: 'sockets are still open' },
    { if: decisions.kept !== decisions.counted, what: 'not as many decisions kept as counted' },
    { if: decisions.keptTwice > 0, what: 'a decision was kept twice' },
    { if: decisions.toldAndNotKept > 0, what: 'a decision was told and not kept' },
    { if: decisions.dropped > 0, what: 'decisions were dropped' },
    { if: totalMs >= leastMsForMemory && memory.growth > 0.05, what: 'memory has grown' },
    { if: exitCode !== 0, what: 'the router did not end well' },
    { if: errorsIn(router).length > 0, what: 'the log has errors' },
  ].flatMap((complaint) => (complaint.if ? [complaint.what] : []));
  return {
    ...facts,
    complaints,
    stories: [...calm.stories, ...chaos.stories, ...errorsIn(router)],
  };
}

function show({ requests, outcomes, unexpected, tookMs }: Phase): object {
  const seen = Object.fromEntries(Object.entries(outcomes).filter(([, count]) => count > 0));
  return { requests, unexpected, outcomes: seen, firstAnswerMs: tookMs };
}

/**
 * Resident from minute 2 on, or half way through where that is sooner, and at the end: the median of a minute each, since
 * memory rises and falls with the garbage collector.
 */
function memoryOf(samples: readonly Sample[]) {
  const medianFrom = (fromMs: number) => {
    const within = samples.filter(({ atMs }) => atMs >= fromMs && atMs <= fromMs + minuteMs);
    return Math.round(median(within.map(({ residentMb }) => residentMb)) ?? 0);
  };
  const lastMs = samples.at(-1)?.atMs ?? 0;
  const earlyMb = medianFrom(Math.min(2 * minuteMs, totalMs / 2));
  const lateMb = medianFrom(lastMs - minuteMs);
  return { earlyMb, lateMb, growth: Math.round((lateMb / earlyMb - 1) * 1_000) / 1_000 };
}

function errorsIn(router: RunningRouter): string[] {
  return router
    .log()
    .split('\n')
    .filter((line) => /"level":(50|60)|[Uu]nhandled|[Ww]arning/.test(line))
    .slice(0, 10);
}

/** An example comes and goes: the index and the head change under way. */
async function teach(url: string): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify({ class: 'coding', text: `mend my script: ${prompts()}` });
  const added = await fetch(`${url}/admin/examples`, { method: 'POST', headers, body });
  const { id } = (await added.json()) as { id: string };
  await fetch(`${url}/admin/examples/${id}`, { method: 'DELETE' });
}

async function every(ms: number, signal: AbortSignal, act: () => Promise<void>): Promise<void> {
  while (!signal.aborted) {
    await act();
    await setTimeout(ms, undefined, { signal }).catch(() => {});
  }
}
