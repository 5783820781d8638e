// What a router holds in memory when it has nothing to do, with few examples and with many, and how soon it is ready with a built
// index: npm run bench:memory [-- --few 2000 --many 12000 --rounds 3 --report memory.json] (Linux, after npm run build).
// What a further example takes is told from what is left after a collection: how late V8 collects makes tens of megabytes.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { toViews } from '../src/classifier/views.ts';
import { median } from './bench/figures.ts';
import { alignColumns, threeDigits } from './support/align-columns.ts';
import { collectGarbage, inspectable } from './support/collect-garbage.ts';
import type { ExampleSet, LabelledText } from './support/example-set.ts';
import { describeMachine } from './support/machine.ts';
import { makeExamples } from './support/made-examples.ts';
import { toScriptedProvider } from './support/scripted-provider.ts';
import { openWorkshop, residentBytes } from './support/start-router.ts';

const { values } = parseArgs({
  options: {
    few: { type: 'string', default: '2000' },
    many: { type: 'string', default: '12000' },
    rounds: { type: 'string', default: '3' },
    report: { type: 'string' },
  },
});
const counts = [Number(values.few), Number(values.many)] as const;
/** Until what the start left behind has been collected. */
const idleMs = 5_000;
/** The one vector of an example in the graph, and the two of each of its views that heads are fitted on, as bytes. */
const bytesOf = { vector: 384 * 4, view: 2 * 384 };

interface Start {
  readonly readyAfterMs: number;
  readonly residentMb: number;
  /** After a collection. */
  readonly neededMb: number;
}

const workshop = openWorkshop();
try {
  const machine = describeMachine();
  const sets = counts.map((count) => makeExamples(workshop.directory, count));
  const starts = sets.map((): Start[] => []);
  for (let round = 0; round < Number(values.rounds); round += 1) {
    for (const [index, examples] of sets.entries()) {
      const router = await workshop.startRouter({
        name: `${examples.name}-${round}`,
        examples,
        models: ['mock'],
        // Nobody is asked.
        config: toScriptedProvider('http://127.0.0.1:9'),
        environment: inspectable,
      });
      await setTimeout(idleMs);
      const residentMb = residentBytes(router.pid) / 2 ** 20;
      await collectGarbage(router);
      const neededMb = residentBytes(router.pid) / 2 ** 20;
      starts[index]?.push({ readyAfterMs: router.readyAfterMs, residentMb, neededMb });
      await router.stop();
    }
  }
  const [few, many] = starts.map(toMedians);
  if (few === undefined || many === undefined) throw new Error('There are two sets.');
  const bytesAnExample = ((many.neededMb - few.neededMb) * 2 ** 20) / (counts[1] - counts[0]);
  const [fewViews = 0, manyViews = 0] = sets.map(countViews);
  const views = (manyViews - fewViews) / (counts[1] - counts[0]);
  const vectorBytes = bytesOf.vector + views * bytesOf.view;
  const rows = [few, many].map(({ residentMb, neededMb, readyAfterMs }, index) => [
    String(counts[index]),
    ...[residentMb, neededMb, readyAfterMs].map(threeDigits),
  ]);
  process.stdout.write(
    `${alignColumns([['examples', 'RSS MB', 'after a collection', 'ready after ms'], ...rows])}` +
      `A further example takes ${Math.round(bytesAnExample)} bytes: ${Math.round(vectorBytes)} its vectors ` +
      `(in the graph, and of ${threeDigits(views)} views), ${Math.round(bytesAnExample - vectorBytes)} the rest.\n`,
  );
  if (values.report !== undefined) {
    const report = { machine, counts, starts, bytesAnExample, vectorBytes };
    writeFileSync(values.report, `${JSON.stringify(report, null, 2)}\n`);
  }
} finally {
  workshop.close();
}

function countViews({ config }: ExampleSet): number {
  const lines = readdirSync(config.directory).flatMap((file) =>
    readFileSync(join(config.directory, file), 'utf8').trim().split('\n'),
  );
  const texts = lines.map((line) => (JSON.parse(line) as LabelledText).text);
  return texts.reduce((sum, text) => sum + toViews(text).length, 0);
}

function toMedians(starts: readonly Start[]): Start {
  const of = (name: keyof Start) => median(starts.map((start) => start[name])) ?? Number.NaN;
  return {
    readyAfterMs: of('readyAfterMs'),
    residentMb: of('residentMb'),
    neededMb: of('neededMb'),
  };
}
