// Who is called, how they do, and when they are asked again.
import type { Clock } from './clock.ts';
import {
  allDeployments,
  type Catalogue,
  createCatalogue,
  type Deployment,
  findDeployment,
} from './config/catalogue.ts';
import type { Config } from './config/load.ts';
import { demoName } from './routing/plan.ts';
import type { Logger } from './telemetry/log.ts';
import type { HealthMetrics, HealthReading } from './telemetry/metrics/health-metrics.ts';
import { type Balancer, createBalancer } from './upstream/balance/balancer.ts';
import { countCalls } from './upstream/balance/count-calls.ts';
import { createDemoProvider } from './upstream/demo-provider.ts';
import type { BreakerState } from './upstream/health/breaker.ts';
import { alwaysWell, createHealth, type Health } from './upstream/health/health.ts';
import { rememberIsolations } from './upstream/health/remember-isolations.ts';
import { createHedging, type Hedging } from './upstream/hedging/hedging.ts';
import { createHttpProvider } from './upstream/http-provider.ts';
import { toProbeVerdict } from './upstream/probes/probe-provider.ts';
import { createProber, noProbes, type Prober } from './upstream/probes/prober.ts';
import type { Provider } from './upstream/provider.ts';
import { createRetries, type Retries } from './upstream/retries.ts';

export interface Upstream {
  readonly providers: ReadonlyMap<string, Provider>;
  readonly health: Health;
  readonly balancer: Balancer;
  readonly prober: Prober;
  readonly retries: Retries;
  /** Undefined where it is not wanted. */
  readonly hedging: Hedging | undefined;
  /** Lets the calls under way finish, then lets go of every connection. */
  close(): Promise<void>;
}

export interface UpstreamOptions {
  readonly config: Config;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: HealthMetrics;
}

/** The demo and every provider that is enabled. */
export function openUpstream(options: UpstreamOptions): Upstream {
  const { config, clock, metrics } = options;
  const catalogue = createCatalogue(config);
  const deployments = allDeployments(catalogue);
  const providers = createProviders(options);
  const balancer = createBalancer({ clock, random: Math.random });
  const health = config.breaker.enabled ? watchHealth(deployments, options) : alwaysWell;
  const used = deployments.filter(({ unusable }) => unusable === undefined);
  const prober = startProbes([...new Set(used.map(({ provider }) => provider))], {
    ...options,
    providers,
    health,
  });
  return {
    providers,
    health: countCalls(health, balancer),
    balancer,
    prober,
    retries: createRetries(config.retries, Math.random, metrics.retried),
    hedging: config.hedging.enabled
      ? createHedging({
          settings: config.hedging,
          pricesOf: (asked) => findDeployment(catalogue, asked)?.prices,
          clock,
        })
      : undefined,
    async close() {
      await prober.close();
      await Promise.all([...providers.values()].map((provider) => provider.close()));
    },
  };
}

function createProviders({ config, clock }: UpstreamOptions): ReadonlyMap<string, Provider> {
  const providers = new Map<string, Provider>([
    [demoName, createDemoProvider({ name: demoName, clock })],
  ]);
  for (const [name, { enabled, apiKey, ...provider }] of Object.entries(config.providers)) {
    if (!enabled) continue;
    const key = apiKey === '' ? undefined : apiKey;
    providers.set(name, createHttpProvider({ name, ...provider, apiKey: key, clock }));
  }
  return providers;
}

interface ProbeTargets extends UpstreamOptions {
  readonly providers: ReadonlyMap<string, Provider>;
  readonly health: Pick<Health, 'hear'>;
}

/** Of those among these names that nobody has switched it off for. */
function startProbes(names: readonly string[], targets: ProbeTargets): Prober {
  const { config, clock, logger, metrics, providers, health } = targets;
  if (!config.probes.enabled) return noProbes;
  return createProber({
    providers: names
      .filter((name) => config.providers[name]?.probes === true)
      .flatMap((name) => providers.get(name) ?? []),
    settings: config.probes,
    clock,
    random: Math.random,
    logger,
    onResult(provider, result) {
      metrics.probed({ provider, outcome: result.outcome });
      health.hear(provider, toProbeVerdict(result));
    },
  });
}

function watchHealth(
  deployments: readonly Deployment[],
  { config, clock, logger, metrics }: UpstreamOptions,
): Health {
  const health = createHealth({
    deployments,
    settings: config.breaker,
    clock,
    random: Math.random,
    onChange({ kind, name, state }) {
      metrics.changed({ kind, name, state: state.kind });
      logger[isTrouble(state) ? 'warn' : 'info']({ [kind]: name, ...state }, messages[state.kind]);
    },
  });
  return rememberIsolations(health, { dataDir: config.dataDir, logger });
}

/** What of it is measured. */
export function readHealth(health: Health, { classes, models }: Catalogue): HealthReading {
  return {
    breakers: health.report().map(({ kind, name, state }) => ({ kind, name, state: state.kind })),
    classes: [...classes.values()].flatMap(({ name, models: names }) => {
      const usable = names
        .map((model) => models.get(model)?.deployments ?? [])
        .map((deployments) => deployments.filter(({ unusable }) => unusable === undefined))
        .filter((deployments) => deployments.length > 0);
      const up = usable.filter((deployments) => deployments.some(health.isUp));
      return usable.length === 0 ? [] : [{ name, available: up.length }];
    }),
  };
}

function isTrouble({ kind }: BreakerState): boolean {
  return kind === 'open' || kind === 'isolated';
}

const messages: Readonly<Record<BreakerState['kind'], string>> = {
  open: 'gets no calls for now',
  probing: 'is tried again',
  recovering: 'works again, and comes back by degrees',
  closed: 'gets all of its calls',
  isolated: 'gets no calls until it is released',
};
