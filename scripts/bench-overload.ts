// Eight times as many clients as the router serves at once, for some seconds, beside as many as it serves: is as much served, are
// the others refused in time, and how soon is it over? npm run bench:overload [-- --limit 32 --seconds 4 --rounds 3 --report
// overload.json] (Linux, after npm run build).
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { runLoad } from './bench/load.ts';
import { readPromptSets, supplyNew } from './bench/prompts.ts';
import { createRequestMaker, toOwnTarget } from './bench/targets.ts';
import { crowds, toCrowd } from './overload/crowd.ts';
import { describeCrowds, type Round } from './overload/describe-crowds.ts';
import { describeMachine } from './support/machine.ts';
import { toScriptedProvider } from './support/scripted-provider.ts';
import { openWorkshop } from './support/start-router.ts';

const { values } = parseArgs({
  options: {
    limit: { type: 'string', default: '32' },
    seconds: { type: 'string', default: '4' },
    rounds: { type: 'string', default: '3' },
    report: { type: 'string' },
  },
});
const limit = Number(values.limit);
const durationMs = Number(values.seconds) * 1_000;
const aloneMs = 2_000;

const [prompts] = readPromptSets([]);
if (prompts === undefined) throw new Error('No prompts ship.');
const how = { set: prompts, size: 'as-written', stream: false } as const;
const supply = supplyNew(prompts, how.size);

const workshop = openWorkshop();
try {
  const machine = describeMachine();
  const upstreamUrl = await workshop.startScript('scripts/bench-upstream.ts');
  const router = await workshop.startRouter({
    name: 'router',
    models: ['mock'],
    config: {
      server: { maxInFlight: limit },
      ...toScriptedProvider(upstreamUrl),
    },
  });
  const target = toOwnTarget(router, { name: 'new prompts', model: 'auto' });
  const load = { url: router.url, supply, toRequest: createRequestMaker(target, how) };
  const askAlone = () => runLoad({ ...load, clients: 1, durationMs: aloneMs });

  await runLoad({ ...load, clients: limit, durationMs: aloneMs });
  const rounds: Round[] = [];
  for (let round = 0; round < Number(values.rounds); round += 1) {
    const before = await askAlone();
    for (const crowd of crowds) {
      const whole = await runLoad({ ...load, ...toCrowd(crowd, limit), durationMs });
      rounds.push({ crowd, before, whole, after: await askAlone() });
    }
  }
  const described = describeCrowds(rounds);
  process.stdout.write(described.table);
  if (values.report !== undefined) {
    const report = { machine, limit, durationMs, ...described };
    writeFileSync(values.report, `${JSON.stringify(report, null, 2)}\n`);
  }
} finally {
  workshop.close();
}
