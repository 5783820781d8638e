// How the cost of a decision grows with the prompt, the examples, the clients and the classes, beside requests that name their
// class: npm run bench:growth [-- --quick --report growth.json --chart growth.svg] (Linux, after npm run build). Takes some
// six minutes, two of them to learn 20,000 examples; with --quick one or two. Absolute times vary with the machine; how they grow
// counts.
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { readPromptSets } from './bench/prompts.ts';
import { toGrowthChart } from './growth/chart.ts';
import { createCurves } from './growth/curves.ts';
import { summarise, toCurveTable } from './growth/describe-curve.ts';
import { measureCurve, type Pace } from './growth/measure-curve.ts';
import { describeMachine } from './support/machine.ts';
import { openWorkshop } from './support/start-router.ts';

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    report: { type: 'string' },
    chart: { type: 'string' },
  },
});
const pace: Pace = values.quick ? { rounds: 1, turnMs: 700 } : { rounds: 3, turnMs: 1_500 };
const [prompts] = readPromptSets([]);
if (prompts === undefined) throw new Error('No prompts ship.');

const workshop = openWorkshop();
try {
  const machine = describeMachine();
  const upstreamUrl = await workshop.startScript('scripts/bench-upstream.ts');
  const curves = [];
  for (const { name, sizes, open } of createCurves({ workshop, upstreamUrl, prompts })) {
    const opened = await open(values.quick ? sizes.quick : sizes.all);
    const points = await measureCurve(opened, pace, prompts);
    for (const router of new Set(opened.map((point) => point.router))) await router.stop();
    const summary = summarise(name, points);
    process.stdout.write(`${toCurveTable(name, points)}${summary}\n\n`);
    curves.push({ name, summary, points });
  }
  if (values.report !== undefined) {
    const report = { machine, prompts: prompts.name, ...pace, curves };
    writeFileSync(values.report, `${JSON.stringify(report, null, 2)}\n`);
  }
  if (values.chart !== undefined) writeFileSync(values.chart, toGrowthChart(curves));
} finally {
  workshop.close();
}
