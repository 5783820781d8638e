// Which deployment of a model is asked first: two are drawn by weight, and the first is asked unless it is much slower or
// busier than the second. docs/decisions/0012-deployments-share-a-model.md says why so.
import type { Clock } from '../../clock.ts';
import { deploymentName } from '../../config/deployment-name.ts';
import type { Random } from '../../random.ts';
import type { Deployment } from '../deployment.ts';
import type { CallKind } from '../health/health.ts';
import { createDeploymentLoad, type DeploymentLoad, type LoadedCall } from './deployment-load.ts';

interface WeightedDeployment extends Deployment {
  readonly weight: number;
}

export interface Balancer {
  /** In the order in which they are to be asked for a call of this kind; drawn anew each time. */
  order<Offered extends WeightedDeployment>(
    deployments: readonly Offered[],
    kind: CallKind,
  ): readonly Offered[];
  /** Tells that a call goes there. */
  begin(deployment: Deployment, kind: CallKind): LoadedCall;
}

/** Replies differ in length by more than deployments do in speed: what costs less than that many times as much keeps its share. */
const bearable = 2;

export function createBalancer({ clock, random }: { clock: Clock; random: Random }): Balancer {
  const loads = new Map<string, DeploymentLoad>();

  function loadOf(deployment: Deployment): DeploymentLoad {
    const name = deploymentName(deployment);
    const known = loads.get(name) ?? createDeploymentLoad(clock);
    loads.set(name, known);
    return known;
  }

  /** The first of what is left; each has the chance of its weight. */
  function draw<Offered extends WeightedDeployment>(left: readonly Offered[]): Offered | undefined {
    let ticket = random() * left.reduce((sum, { weight }) => sum + weight, 0);
    const drawn = left.find(({ weight }) => {
      ticket -= weight;
      return ticket < 0;
    });
    // Sums of fractions may end a hair before the ticket does.
    return drawn ?? left.at(-1);
  }

  /** By how long each would take, once for every call that it has under way, for its weight. */
  function isFirstAsked(first: WeightedDeployment, second: WeightedDeployment, kind: CallKind) {
    const [firstLoad, secondLoad] = [loadOf(first), loadOf(second)];
    const quickestMs = quickestOf([firstLoad, secondLoad], kind);
    const weight = (first.weight + second.weight) / 2;
    const cost = (load: DeploymentLoad, of: WeightedDeployment) =>
      expectedMs(load, kind, quickestMs) * (1 + (load.inFlight() * weight) / of.weight);
    return cost(firstLoad, first) <= bearable * cost(secondLoad, second);
  }

  return {
    order(deployments, kind) {
      let left = deployments;
      const ordered: (typeof deployments)[number][] = [];
      for (;;) {
        const first = draw(left);
        if (first === undefined) return ordered;
        const second = draw(left.filter((each) => each !== first));
        const asked = second === undefined || isFirstAsked(first, second, kind) ? first : second;
        ordered.push(asked);
        left = left.filter((each) => each !== asked);
      }
    },
    begin: (deployment, kind) => loadOf(deployment).begin(kind),
  };
}

/** Quicker ones are all alike: a new connection takes as long, and no client feels it. */
const leastMs = 100;

function quickestOf(loads: readonly DeploymentLoad[], kind: CallKind): number {
  const peaks = loads.flatMap((load) => load.latency(kind)?.peakMs ?? []);
  return peaks.length === 0 ? leastMs : Math.max(leastMs, Math.min(...peaks));
}

/** What nobody knows, or nobody knows any more, is taken for as quick as the other: so it is tried. */
function expectedMs(load: DeploymentLoad, kind: CallKind, quickestMs: number): number {
  const { peakMs, freshness } = load.latency(kind) ?? { peakMs: 0, freshness: 0 };
  return quickestMs + Math.max(0, peakMs - quickestMs) * freshness;
}
