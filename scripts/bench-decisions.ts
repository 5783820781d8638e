// Fills a decision store with a million decisions and prints how long reading it takes: npm run bench:decisions [-- rows]
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandom } from '../src/random.ts';
import { openDatabase } from '../src/telemetry/decisions/open-database.ts';
import { toQueuedRequest } from '../src/telemetry/decisions/queued-request.ts';
import { getDecision, listDecisions } from '../src/telemetry/decisions/read-decisions.ts';
import { readMeasured } from '../src/telemetry/decisions/read-measured.ts';
import type { DecisionQuery } from '../src/telemetry/decisions/stored-decision.ts';
import { createWriter } from '../src/telemetry/decisions/write-decisions.ts';
import type { RequestRecord } from '../src/telemetry/request-record.ts';

const rows = Number(process.argv[2] ?? 1_000_000);
const batchRows = 200;
const settings = { text: 'excerpt', excerptCharacters: 200 } as const;
const repeats = 9;
const startMs = Date.UTC(2026, 0, 1);
const spacingMs = 2_500;

const random = createRandom(1);
const pick = <Item>(items: readonly Item[]): Item =>
  items[Math.floor(random() ** 2 * items.length)] as Item;
const classes = Array.from({ length: 14 }, (_, index) => `class-${index}`);
const models = Array.from({ length: 10 }, (_, index) => `model-${index}`);
// Frequent ones first, as in a language.
const vocabulary = Array.from({ length: 20_000 }, (_, index) => `word${index}`);
/** As long as the record of a prompt of twenty words. */
const features = Buffer.from(Array.from({ length: 1_063 }, () => Math.floor(random() * 256)));
const word = () => vocabulary[Math.floor(random() ** 6 * vocabulary.length)] as string;

function makeRequest(index: number): RequestRecord {
  const className = pick(classes);
  const model = pick(models);
  const atMs = startMs + index * spacingMs;
  return {
    decisionId: `dec_${index.toString(16).padStart(8, '0')}-1111-4222-8333-444455556666`,
    requestId: `request-${index}`,
    atMs,
    durationMs: 1_000,
    protocol: 'chat',
    stream: true,
    requestedModel: 'auto',
    outcome: pick(['ok', 'ok', 'ok', 'fallback_ok', 'exhausted']),
    status: 200,
    className,
    confidence: random(),
    basis: 'posterior',
    abstained: random() < 0.05 ? 'low-confidence' : undefined,
    posterior: classes.map((name) => ({ className: name, probability: random() })),
    neighbours: Array.from({ length: 10 }, () => ({
      id: 'abcdef012345',
      className,
      similarity: random(),
    })),
    candidates: models.slice(0, 5).map((name) => ({
      model: name,
      provider: 'open',
      className,
      status: 'in' as const,
      cause: 'preferred',
      reason: `preferred by ${className}`,
    })),
    attempts: [
      { model, provider: 'open', className, startedAtMs: atMs, durationMs: 900, outcome: 'ok' },
    ],
    model,
    provider: 'open',
    servedClass: className,
    timings: { embedMs: 1, searchMs: 0.5, weighMs: 2 },
    routing: { startedAtMs: 0, durationMs: 4 },
    text: Array.from({ length: 25 }, word).join(' '),
    recordFeatures: () => features,
    bundle: { encoderHash: 'e'.repeat(64), exampleSetHash: 's'.repeat(64), configHash: 'c' },
  };
}

const directory = mkdtempSync(join(tmpdir(), 'switchyard-bench-'));
const path = join(directory, 'decisions.db');
const { database } = openDatabase(path, { nowMs: startMs, isSuspect: false });
try {
  const write = createWriter(database, settings);
  const batchMs: number[] = [];
  for (let index = 0; index < rows; index += batchRows) {
    const batch = Array.from({ length: Math.min(batchRows, rows - index) }, (_, offset) => {
      return toQueuedRequest(makeRequest(index + offset), settings);
    });
    const beganMs = performance.now();
    write(batch);
    batchMs.push(performance.now() - beganMs);
    if (index % 100_000 === 0) process.stderr.write(`${index} of ${rows}\n`);
  }
  say('rows', String(rows));
  say('file', `${Math.round(statSync(path).size / 2 ** 20)} MiB`);
  say(`a batch of ${batchRows}`, `${median(batchMs)}, slowest ${toMs(Math.max(...batchMs))}`);

  const middleMs = startMs + (rows / 2) * spacingMs;
  const questions: Record<string, Partial<DecisionQuery>> = {
    'the latest': {},
    'from the middle': { toMs: middleMs },
    'a common class': { className: 'class-0' },
    'an unknown class': { className: 'none' },
    'a rare model and outcome': { model: 'model-9', outcome: 'exhausted' },
    'class, model and outcome, none': {
      className: 'class-13',
      model: 'model-9',
      outcome: 'client_error',
    },
    abstained: { abstained: true },
    'abstained, unknown class': { abstained: true, className: 'none' },
    'confidence .5 to .6': { minConfidence: 0.5, maxConfidence: 0.6 },
    'confidence that none has': { minConfidence: 1.1 },
    'most outcomes, confidence that none has': { outcome: 'ok', minConfidence: 1.1 },
    'the most common word': { text: 'word0' },
    'two common words': { text: 'word0 word1' },
    'a rare word': { text: 'word19999' },
    'an unknown word': { text: 'nowhere' },
    'a common word and a class': { text: 'word0', className: 'class-9' },
    'a common word and an unknown class': { text: 'word0', className: 'none' },
    'a common word and a common and a rare one': { text: 'word0 word19000' },
  };
  for (const [name, question] of Object.entries(questions)) {
    time(name, () => listDecisions(database, { limit: 50, ...question }).decisions.length);
  }
  const { id } = makeIdOf(Math.floor(rows / 2));
  const endMs = startMs + rows * spacingMs;
  time('a page for the statistics', () => {
    return readMeasured(database, { fromMs: startMs, toMs: endMs }).requests.length;
  });
  time('one decision', () => (getDecision(database, id) === undefined ? 0 : 1));
} finally {
  database.close();
  rmSync(directory, { recursive: true });
}

function makeIdOf(index: number): { id: string } {
  return { id: `dec_${index.toString(16).padStart(8, '0')}-1111-4222-8333-444455556666` };
}

function time(name: string, work: () => number): void {
  const times: number[] = [];
  let found = 0;
  for (let repeat = 0; repeat < repeats; repeat += 1) {
    const beganMs = performance.now();
    found = work();
    times.push(performance.now() - beganMs);
  }
  say(name, `${median(times)}, slowest ${toMs(Math.max(...times))} (${found} found)`);
}

function median(times: readonly number[]): string {
  return toMs(times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0);
}

function toMs(ms: number): string {
  return `${ms.toFixed(1)} ms`;
}

function say(name: string, value: string): void {
  process.stdout.write(`${name.padEnd(44)} ${value}\n`);
}
