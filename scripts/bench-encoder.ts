// What the encoder costs by the length of its texts and by how many share a run, on one thread:
// npm run bench:encoder [-- --model all-MiniLM-L6-v2 --rounds 5 --report encoder.json]
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { ensureModel } from '../src/embedding/model-files.ts';
import { loadSentenceEncoder, type TokenisedText } from '../src/embedding/sentence-encoder.ts';
import { createRandom } from '../src/random.ts';
import { median } from './bench/figures.ts';
import { alignColumns, threeDigits } from './support/align-columns.ts';

const lengths = [8, 12, 16, 32, 64, 128, 256];
const batches = [1, 2, 4, 8, 16];
const tokensPerRound = 4_096;
/** Of BERT's English vocabulary: those that open and close a text, and the first and last that are whole words. */
const tokens = { open: 101, close: 102, firstWord: 1_996, lastWord: 29_000 };

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: 'all-MiniLM-L6-v2' },
    rounds: { type: 'string', default: '5' },
    report: { type: 'string' },
  },
});

const model = await ensureModel({ modelsDir: 'models', modelId: values.model });
if (model.kind !== 'ready') throw new Error(`${values.model} is not in models/.`);
const encoder = await loadSentenceEncoder(model);
const random = createRandom(1);

interface Cell {
  readonly tokens: number;
  readonly batch: number;
  readonly msPerText: number;
  readonly cpuMsPerText: number;
  readonly textsPerSecond: number;
}

function makeText(length: number): TokenisedText {
  const words = Array.from(
    { length: length - 2 },
    () => tokens.firstWord + Math.floor(random() * (tokens.lastWord - tokens.firstWord)),
  );
  return { tokenIds: [tokens.open, ...words, tokens.close], truncated: false };
}

async function measure(length: number, batch: number): Promise<Cell> {
  const runs = Math.max(1, Math.round(tokensPerRound / (length * batch)));
  const rounds: { wallMs: number; cpuMs: number }[] = [];
  for (let round = 0; round <= Number(values.rounds); round += 1) {
    const inputs = Array.from({ length: runs }, () =>
      Array.from({ length: batch }, () => makeText(length)),
    );
    const cpuBefore = process.cpuUsage();
    const startedAtMs = performance.now();
    for (const texts of inputs) await encoder.encode(texts);
    const wallMs = (performance.now() - startedAtMs) / (runs * batch);
    const { user, system } = process.cpuUsage(cpuBefore);
    // The first round only warms up.
    if (round > 0) rounds.push({ wallMs, cpuMs: (user + system) / 1_000 / (runs * batch) });
  }
  const msPerText = median(rounds.map(({ wallMs }) => wallMs)) ?? Number.NaN;
  const cpuMsPerText = median(rounds.map(({ cpuMs }) => cpuMs)) ?? Number.NaN;
  return { tokens: length, batch, msPerText, cpuMsPerText, textsPerSecond: 1_000 / msPerText };
}

const cells: Cell[] = [];
for (const length of lengths) {
  for (const batch of batches) cells.push(await measure(length, batch));
}
const rows = cells.map((cell) =>
  [cell.tokens, cell.batch, cell.msPerText, cell.cpuMsPerText, cell.textsPerSecond].map(
    threeDigits,
  ),
);
const titles = ['tokens', 'batch', 'ms/text', 'CPU ms/text', 'texts/s'];
process.stdout.write(alignColumns([titles, ...rows]));
if (values.report !== undefined) {
  writeFileSync(values.report, `${JSON.stringify({ model: values.model, cells }, null, 2)}\n`);
}
