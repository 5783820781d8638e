// What it costs to record a request in memory: the statistics and the metrics, on one thread.
import { parseArgs } from 'node:util';
import { systemClock } from '../src/clock.ts';
import { createMetrics } from '../src/telemetry/metrics/metrics.ts';
import { createRecorders } from '../src/telemetry/recorders.ts';
import type { RequestRecord } from '../src/telemetry/request-record.ts';
import { createStats } from '../src/telemetry/stats/stats.ts';

const { values } = parseArgs({ options: { records: { type: 'string', default: '100000' } } });
const count = Number(values.records);
const models = new Set(['first', 'second']);
const recorder = createRecorders([
  createStats(systemClock),
  createMetrics({ models, classes: new Set(['coding']) }, systemClock),
]);
const usage = {
  inputTokens: 100,
  cachedInputTokens: 0,
  cacheWriteTokens: 0,
  outputTokens: 50,
  reasoningTokens: 0,
};
const record: RequestRecord = {
  decisionId: 'dec',
  requestId: 'request',
  atMs: 0,
  durationMs: 800,
  protocol: 'chat',
  stream: true,
  requestedModel: 'auto',
  outcome: 'fallback_ok',
  status: 200,
  className: 'coding',
  servedClass: 'coding',
  confidence: 0.9,
  basis: 'posterior',
  posterior: [],
  neighbours: [],
  candidates: [],
  attempts: [...models].map((model, position) => ({
    model,
    provider: 'provider',
    className: 'coding',
    startedAtMs: 0,
    durationMs: 400,
    outcome: position === 0 ? ('failed' as const) : ('ok' as const),
    ...(position === 0 ? { cause: 'server-error' } : { usage, costUsd: 0.001 }),
  })),
  model: 'second',
  provider: 'provider',
  firstContentMs: 500,
  timings: { embedMs: 3, searchMs: 0.5, weighMs: 1 },
  routing: { startedAtMs: 0, durationMs: 4 },
  bundle: { encoderHash: 'e', exampleSetHash: 's', configHash: 'c' },
};

for (let warm = 0; warm < 10_000; warm += 1) recorder.record(record);
const began = process.cpuUsage();
for (let done = 0; done < count; done += 1) recorder.record(record);
const { user, system } = process.cpuUsage(began);
process.stdout.write(
  `${JSON.stringify({ records: count, cpuMicrosecondsPerRecord: (user + system) / count })}\n`,
);
