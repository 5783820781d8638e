// How requests spread over the deployments of one model, simulated: replies take between .3 and about 30 s, clients come at random.
import { parseArgs } from 'node:util';
import { createRandom } from '../src/random.ts';
import { createBalancer } from '../src/upstream/balance/balancer.ts';
import { createFakeClock } from '../test/support/fake-clock.ts';

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '5000' } } });
const seconds = Number(values.seconds);

interface Simulated {
  readonly weights: readonly number[];
  /** Times as slow as the others. */
  readonly slowness: readonly number[];
  readonly perSecond: number;
}

/** The share of each deployment. */
function simulate({ weights, slowness, perSecond }: Simulated): number[] {
  const clock = createFakeClock();
  const random = createRandom(1);
  const balancer = createBalancer({ clock, random: createRandom(2) });
  const deployments = weights.map((weight, index) => ({
    model: 'shared',
    provider: `provider-${index}`,
    weight,
    slowness: slowness[index] ?? 1,
    asked: 0,
  }));
  const exponential = (meanMs: number) => -Math.log(1 - random()) * meanMs;
  const arrive = (): void => {
    const [chosen] = balancer.order(deployments, 'plain');
    if (chosen !== undefined) {
      chosen.asked += 1;
      const call = balancer.begin(chosen, 'plain');
      const durationMs = (300 + exponential(4_000)) * chosen.slowness;
      clock.setTimer(durationMs, () => call.end({ kind: 'ok' }));
    }
    clock.setTimer(exponential(1_000 / perSecond), arrive);
  };
  arrive();
  clock.advance(seconds * 1_000);
  const total = deployments.reduce((sum, { asked }) => sum + asked, 0);
  return deployments.map(({ asked }) => asked / total);
}

for (const [weights, slowness] of [
  [[9, 1], []],
  [[3, 1], []],
  [
    [1, 1],
    [1, 4],
  ],
  [
    [1, 1],
    [1, 20],
  ],
] as const) {
  for (const perSecond of [0.2, 2, 20]) {
    const shares = simulate({ weights, slowness, perSecond }).map((share) => share.toFixed(2));
    const what = `weights ${weights.join(':')}, slowness ${slowness.join(':') || 'the same'}`;
    process.stdout.write(`${what}, ${perSecond} requests/s: ${shares.join(' ')}\n`);
  }
}
