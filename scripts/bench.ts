// What a semantic decision costs beside passing bytes through: the provider asked directly, through another gateway, through
// Express and undici alone and through the router, in turns. npm run bench [-- --quick --prompts file.jsonl --report bench.json
// --chart bench.svg] (Linux, after npm run build). Absolute times vary with the machine and with who else is on it; ratios in one run count.
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { toChart } from './bench/chart.ts';
import { runCourse } from './bench/course.ts';
import { type Portkey, portkeyVersion, startPortkey } from './bench/portkey.ts';
import { readPromptSets } from './bench/prompts.ts';
import { normal, quick } from './bench/scenarios.ts';
import { toTable } from './bench/table.ts';
import { toTargets } from './bench/targets.ts';
import { describeMachine } from './support/machine.ts';
import { toScriptedProvider } from './support/scripted-provider.ts';
import { openWorkshop } from './support/start-router.ts';

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    prompts: { type: 'string', multiple: true, default: [] },
    report: { type: 'string' },
    chart: { type: 'string' },
  },
});
const course = values.quick ? quick : normal;
const sets = readPromptSets(values.prompts);
const workshop = openWorkshop();
let portkey: Portkey | undefined;
try {
  portkey = await startPortkey().catch((error: Error) => {
    process.stderr.write(`Without @portkey-ai/gateway, which can't be had: ${error.message}\n`);
    return undefined;
  });
  const machine = describeMachine();
  const upstreamUrl = await workshop.startScript('scripts/bench-upstream.ts');
  const bareUrl = await workshop.startScript('scripts/bench-bare-proxy.ts', [upstreamUrl]);
  const startRouter = (name: string, embedding: object) =>
    workshop.startRouter({
      name,
      models: ['mock'],
      config: { embedding, ...toScriptedProvider(upstreamUrl) },
    });
  const router = await startRouter('router', {});
  const oneTier = await startRouter('one-tier', { firstTier: false });
  const targets = toTargets({ upstreamUrl, bareUrl, portkey, router, oneTier });
  const results = [];
  for await (const result of runCourse({ course, sets, targets })) {
    process.stdout.write(`${toTable(result.title, result.figures)}\n`);
    results.push(result);
  }
  const report = { machine, portkey: portkey && portkeyVersion, ...course, results };
  if (values.report !== undefined) {
    writeFileSync(values.report, `${JSON.stringify(report, null, 2)}\n`);
  }
  if (values.chart !== undefined) {
    const shown = results.filter(({ scenario }) => !scenario.stream && scenario.clients <= 16);
    writeFileSync(values.chart, toChart(shown));
  }
} finally {
  portkey?.close();
  workshop.close();
}
