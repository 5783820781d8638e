// How well a running router tells topic shifts in chats whose turns people labelled: lines of
// {"turns": ["…"], "topic_shift": [-1, 0, 1, …]}, of which the first turn of each chat tells nothing.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { auroc } from '../src/evaluation/auroc.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { url: { type: 'string', default: 'http://127.0.0.1:8080' } },
});
const [file] = positionals;
if (file === undefined) throw new Error('Name a file of labelled chats.');

interface Chat {
  readonly turns: readonly string[];
  readonly topic_shift: readonly number[];
}

/** How unlikely the last turn is to go on with those before it. */
async function shiftScore(turns: readonly string[]): Promise<number> {
  const response = await fetch(`${values.url}/v1/route`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      model: 'auto',
      messages: turns.map((content) => ({ role: 'user', content })),
    }),
  });
  const { context } = (await response.json()) as { context?: { share: number } };
  return 1 - (context?.share ?? 0);
}

function f1At(scores: readonly { score: number; isShift: boolean }[], threshold: number): number {
  const told = scores.filter(({ score }) => score >= threshold);
  const hits = told.filter(({ isShift }) => isShift).length;
  return (2 * hits) / (told.length + scores.filter(({ isShift }) => isShift).length);
}

const scores: { score: number; isShift: boolean }[] = [];
for (const line of readFileSync(file, 'utf8').split('\n')) {
  if (line.trim() === '') continue;
  const { turns, topic_shift: labels }: Chat = JSON.parse(line);
  for (let end = 2; end <= turns.length; end += 1) {
    const score = await shiftScore(turns.slice(0, end));
    scores.push({ score, isShift: labels[end - 1] === 1 });
  }
}
const of = (wanted: boolean) =>
  scores.filter(({ isShift }) => isShift === wanted).map(({ score }) => score);
const bestF1 = Math.max(...new Set(scores.map(({ score }) => f1At(scores, score))));
const rounded = (value: number | null) => value && Number(value.toFixed(3));
process.stdout.write(
  `${JSON.stringify({
    turns: scores.length,
    shifts: of(true).length,
    f1: rounded(f1At(scores, 0.5)),
    bestF1: rounded(bestF1),
    auroc: rounded(auroc(of(true), of(false))),
  })}\n`,
);
