// How much memory a day of statistics takes, with many models and latencies all over the place: npm run bench:statistics
import { setTimeout } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createRandom } from '../src/random.ts';
import type { RequestRecord } from '../src/telemetry/request-record.ts';
import { createStats, longestWindowMs } from '../src/telemetry/stats/stats.ts';
import { makeRecord } from '../test/telemetry/make-record.ts';

const models = Array.from({ length: 20 }, (_, index) => `model-${index}`);
const minutes = longestWindowMs / 60_000;
const perMinuteAndModel = 30;
const random = createRandom(1);
/** 100 ms to 5 minutes: a spread that no real model has. */
const latencyMs = () => 100 * 3_000 ** random();

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');
let nowMs = 0;
const clock = { now: () => nowMs, setTimer: () => ({ cancel() {} }) };
const stats = createStats(clock);
const before = await megabytes();
for (let minute = 0; minute < minutes; minute += 1) {
  nowMs = minute * 60_000;
  for (const model of models) {
    for (let count = 0; count < perMinuteAndModel; count += 1) stats.record(recordOf(model));
  }
}
const megabytesTaken = Math.round(((await megabytes()) - before) * 10) / 10;
const beganMs = performance.now();
const { requests } = stats.summarise(longestWindowMs);
const summaryMs = Math.round(performance.now() - beganMs);
process.stdout.write(`${JSON.stringify({ requests, megabytesTaken, summaryMs })}\n`);

/** What an array held is given back some time after it was collected. */
async function megabytes(): Promise<number> {
  for (let pass = 0; pass < 3; pass += 1) {
    collectGarbage();
    await setTimeout(300);
  }
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 2 ** 20;
}

function recordOf(model: string): RequestRecord {
  return makeRecord({
    durationMs: latencyMs(),
    attempts: [
      {
        model,
        provider: 'provider',
        startedAtMs: nowMs,
        durationMs: latencyMs(),
        firstContentMs: latencyMs(),
        outcome: 'ok',
      },
    ],
  });
}
