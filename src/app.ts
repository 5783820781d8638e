import { createHash } from 'node:crypto';
import { existsSync, type FSWatcher, watch } from 'node:fs';
import type { Express } from 'express';
import type { Config, Environment } from './config/load.ts';
import { createHandler } from './http/server.ts';
import type { AppState, Services } from './http/services.ts';
import { readCurrent } from './index/generations.ts';
import { type OpenOptions, openRouting, type Routing } from './open-routing.ts';
import { openUpstream, readHealth } from './open-upstream.ts';
import { demoName } from './routing/plan.ts';
import { createLocalState } from './state/shared-state.ts';
import { decisionFile } from './telemetry/decisions/decision-file.ts';
import {
  createAbsentStore,
  type DecisionStore,
  openDecisionStore,
} from './telemetry/decisions/decision-store.ts';
import { createMetrics } from './telemetry/metrics/metrics.ts';
import { createRecorders } from './telemetry/recorders.ts';
import { createRequestLog } from './telemetry/request-log.ts';
import { restoreStats } from './telemetry/stats/restore-stats.ts';
import { createStats } from './telemetry/stats/stats.ts';
import { openTraces, type Traces } from './telemetry/traces/traces.ts';
import { createFindTranslation } from './translation/find-translation.ts';

export interface App {
  /** Answers from the first moment; what needs the model waits with 503 until `ready` resolves. */
  readonly handler: Express;
  /** Rejects when the router can't start. */
  readonly ready: Promise<Routing>;
  /** From now on new requests are refused; what is under way goes on. */
  drain(): void;
  close(): Promise<void>;
}

interface AppOptions extends OpenOptions {
  /** Where OpenTelemetry's variables are. */
  readonly environment: Environment;
}

/** Builds every part from a configuration; `close` ends them in reverse order. */
export function createApp(options: AppOptions): App {
  const { config, clock, loggers } = options;
  let state: AppState = { kind: 'starting', waitingFor: 'the embedding model and the index' };
  const requestLog = createRequestLog(loggers.http, clock);
  const stats = createStats(clock);
  const known = {
    models: new Set([...Object.keys(config.models), demoName]),
    classes: new Set(Object.keys(config.classes)),
  };
  const metrics = createMetrics(known, clock);
  const upstream = openUpstream({
    config,
    clock,
    logger: loggers.upstream,
    metrics: metrics.health,
  });
  const opening = openDecisions(options);
  const findTranslation = createFindTranslation(clock);
  let watcher: FSWatcher | undefined;
  let traces: Traces | undefined;

  const ready = opening.then(async (decisions) => {
    metrics.watchStore(() => decisions.stats());
    if (config.decisions.enabled && options.isOwner) {
      void restoreStats(stats, { decisions, clock, logger: loggers.telemetry });
    }
    const routing = await openRouting({
      ...options,
      embeddingObserver: metrics.embedding,
      tierObserver: metrics.tiers,
    });
    const { maxAttempts, deadlineMs } = config.routing;
    const { decider, embedder, examples, catalogue } = routing;
    traces = await openTraces({
      settings: config.telemetry,
      environment: options.environment,
      encoder: embedder.encoder,
      clock,
      logger: loggers.telemetry,
    });
    metrics.health.watch(() => readHealth(upstream.health, catalogue));
    const recorders = [requestLog, stats, metrics, decisions];
    const services = {
      findTranslation,
      decider,
      embedder,
      examples,
      catalogue,
      providers: upstream.providers,
      health: upstream.health,
      balancer: upstream.balancer,
      prober: upstream.prober,
      retries: upstream.retries,
      holding: createHolding(options),
      hedging: upstream.hedging,
      maxAttempts,
      deadlineMs,
      clock,
      recorder: createRecorders(traces === undefined ? recorders : [...recorders, traces]),
      stats,
      traces,
      decisions,
      configHash: hashOf(config),
    };
    if (state.kind === 'starting') state = { kind: 'ready', services };
    watcher = followIndex(routing, options);
    return routing;
  });
  // Whoever awaits `ready` learns of the failure; without this it would also count as unhandled.
  ready.catch(() => {});

  function drain(): void {
    state = { kind: 'draining' };
    upstream.prober.stop();
  }

  return {
    handler: createHandler({
      state: () => state,
      logger: loggers.http,
      maxBodyBytes: config.server.maxBodyBytes,
      maxInFlight: config.server.maxInFlight,
      sendTimeoutMs: config.server.sendTimeoutMs,
      keys: config.server,
      metrics,
    }),
    ready,
    drain,
    async close() {
      drain();
      const routing = await ready.catch(() => undefined);
      watcher?.close();
      await routing?.close();
      await upstream.close();
      // Last, so that it also has what was cut short just now.
      const decisions = await opening.catch(() => undefined);
      requestLog.close();
      await Promise.all([decisions?.close(), traces?.close()]);
      metrics.close();
    },
  };
}

function createHolding({ config, clock }: OpenOptions): Services['holding'] {
  const { hold, ttlMs, maxEntries, ...settings } = config.routing.conversation;
  return { isOn: hold, settings, memory: createLocalState({ maxEntries, ttlMs, clock }) };
}

async function openDecisions(options: OpenOptions): Promise<DecisionStore> {
  const { config, isOwner, clock, loggers } = options;
  const { decisions: settings, dataDir } = config;
  if (!settings.enabled) {
    return createAbsentStore('No decisions are kept: decisions.enabled is false.');
  }
  if (!isOwner) {
    return createAbsentStore('No decisions are kept: the data directory can not be written.');
  }
  const logger = loggers.telemetry;
  return openDecisionStore({ path: decisionFile(dataDir), settings, clock, logger });
}

/** Of everything that is configured; the secrets in it can't be told from it. */
function hashOf(config: Config): string {
  return createHash('sha256').update(JSON.stringify(config)).digest('hex');
}

/** Swaps to what `switchyard index build` has written, while requests go on with the old index. */
function followIndex(routing: Routing, { loggers }: OpenOptions): FSWatcher | undefined {
  const logger = loggers.index;
  const { indexDir, examples } = routing;
  // Where it could not be made, nobody builds an index either.
  if (!existsSync(indexDir)) return undefined;
  const generation = () => {
    const current = readCurrent(indexDir);
    return current.kind === 'found' ? current.directory : undefined;
  };
  let swapping = Promise.resolve();
  let known = generation();
  // Also where the examples are the same: they may have been tuned.
  const swap = async (): Promise<void> => {
    const next = generation();
    if (next === undefined || next === known) return;
    known = next;
    const how = await examples.reload();
    logger.info({ examples: examples.size, how }, 'swapped to a new index');
  };
  return watch(indexDir, { persistent: false }, (_event, file) => {
    if (file !== 'current') return;
    swapping = swapping.then(swap).catch((error) => {
      logger.error({ err: error }, 'the new index can not be used; the old one stays');
    });
  });
}
