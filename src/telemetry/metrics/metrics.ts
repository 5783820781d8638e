import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { Clock } from '../../clock.ts';
import type { ErrorCode } from '../../errors.ts';
import type { DecisionStoreStats } from '../decisions/decision-store.ts';
import type { EmbeddingObserver } from '../embedding-observer.ts';
import { createGathering } from '../gathering.ts';
import {
  hasUnknownCost,
  type RecordedAttempt,
  type Recorder,
  type RequestRecord,
  resultOf,
} from '../request-record.ts';
import type { TierObserver } from '../tier-observer.ts';
import { createEmbeddingMetrics } from './embedding-metrics.ts';
import { watchEventLoopDelay } from './event-loop-delay.ts';
import { createHealthMetrics, type HealthMetrics } from './health-metrics.ts';
import { createInstruments, type Instruments } from './instruments.ts';

export interface Metrics extends Recorder {
  /** Shows what the embedder does. */
  readonly embedding: EmbeddingObserver;
  readonly health: HealthMetrics;
  /** Shows how far the tiers agree. */
  readonly tiers: TierObserver;
  readonly contentType: string;
  /** In Prometheus' text format. */
  text(): Promise<string>;
  /** From now on what the store of decisions says of itself is shown, too. */
  watchStore(read: () => DecisionStoreStats): void;
  /** A request has begun; call what comes back once it is over, however it ends. */
  begin(): () => void;
  /** A request got this error before it was routed, and so leaves no record. */
  refused(code: ErrorCode): void;
  close(): void;
}

/** The names that may become labels; all others are counted as `other`, so that no client can make series. */
export interface KnownNames {
  readonly models: ReadonlySet<string>;
  readonly classes: ReadonlySet<string>;
}

/** Metrics on a registry of their own, those of the process included. */
export function createMetrics(known: KnownNames, clock: Clock): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: 'switchyard_' });
  const unwatch = watchEventLoopDelay(registry);
  const instruments = createInstruments(registry);
  const name = createNamer(known);
  const recorded = createGathering<RequestRecord>((requests) => {
    for (const request of requests) observe(instruments, request, name);
  }, clock);
  return {
    embedding: createEmbeddingMetrics(registry),
    health: createHealthMetrics(registry),
    tiers: {
      compared: ({ wasSure, agrees }) =>
        instruments.tierComparisons.inc({ sure: String(wasSure), agrees: String(agrees) }),
    },
    contentType: registry.contentType,
    text() {
      recorded.flush();
      return registry.metrics();
    },
    begin() {
      instruments.inFlight.inc();
      return () => instruments.inFlight.dec();
    },
    watchStore(read) {
      const show = (name: string, help: string, value: (state: DecisionStoreStats) => number) =>
        new Gauge({
          name: `switchyard_decision_store_${name}`,
          help,
          registers: [registry],
          collect() {
            this.set(value(read()));
          },
        });
      show('queued', 'Decisions that wait to be written.', ({ queued }) => queued);
      show(
        'dropped',
        'Decisions that could not be kept since the start.',
        (state) => state.dropped,
      );
      show('written', 'Decisions written since the start.', ({ written }) => written);
      show('lag_seconds', 'How long the oldest waits.', ({ lagMs }) => lagMs / 1_000);
    },
    refused: (code) => instruments.refusals.inc({ code }),
    record: recorded.add,
    close() {
      recorded.flush();
      unwatch();
    },
  };
}

interface Namer {
  model(name: string | undefined): string;
  class(name: string | undefined): string;
}

function createNamer({ models, classes }: KnownNames): Namer {
  const oneOf = (names: ReadonlySet<string>, name: string | undefined): string => {
    if (name === undefined) return 'none';
    return names.has(name) ? name : 'other';
  };
  return {
    model: (name) => oneOf(models, name),
    class: (name) => oneOf(classes, name),
  };
}

function observe(instruments: Instruments, request: RequestRecord, name: Namer): void {
  const { protocol: endpoint, outcome, timings } = request;
  const model = name.model(request.model);
  instruments.requests.inc({ endpoint, class: name.class(request.className), model, outcome });
  const stream = String(request.stream);
  instruments.requestDuration.observe({ endpoint, model, stream }, request.durationMs / 1_000);
  if (request.firstContentMs !== undefined) {
    instruments.firstContent.observe({ model }, request.firstContentMs / 1_000);
  }

  instruments.decisions.inc({ class: name.class(request.className), basis: request.basis });
  if (request.tier !== undefined) instruments.tierDecisions.inc({ tier: request.tier });
  if (request.abstained !== undefined) instruments.abstentions.inc({ reason: request.abstained });
  if (request.confidence !== undefined) instruments.confidence.observe(request.confidence);
  if (request.context !== undefined) instruments.contextShare.observe(request.context.share);
  if (request.hold !== undefined) instruments.holds.inc({ kind: request.hold.kind });
  if (request.basis !== 'forced') {
    instruments.overhead.observe({ stage: 'embed' }, timings.embedMs / 1_000);
    instruments.overhead.observe({ stage: 'search' }, timings.searchMs / 1_000);
    instruments.overhead.observe({ stage: 'weigh' }, timings.weighMs / 1_000);
  }

  for (const attempt of request.attempts) observeAttempt(instruments, attempt, name);
  const first = request.attempts.find(({ isHedge }) => isHedge !== true);
  if (request.outcome === 'fallback_ok' && first !== undefined) {
    instruments.fallbacks.inc({
      from_class: name.class(first.className),
      to_class: name.class(request.servedClass),
      reason: resultOf(first),
    });
  }
}

function observeAttempt(instruments: Instruments, attempt: RecordedAttempt, name: Namer): void {
  const model = name.model(attempt.model);
  const { provider, usage, costUsd } = attempt;
  instruments.attempts.inc({ model, provider, result: resultOf(attempt) });
  if (attempt.outcome === 'ok') {
    instruments.attemptDuration.observe({ model }, attempt.durationMs / 1_000);
  }
  if (attempt.isHedge === true) {
    instruments.hedges.inc({ model, outcome: hedgeOutcomeOf(attempt) });
  }
  if (attempt.wastedTokens !== undefined) {
    instruments.wastedTokens.inc({ model }, attempt.wastedTokens);
  }
  if (usage !== undefined) {
    instruments.tokens.inc({ model, kind: 'input' }, usage.inputTokens);
    instruments.tokens.inc({ model, kind: 'cached_input' }, usage.cachedInputTokens);
    instruments.tokens.inc({ model, kind: 'cache_write' }, usage.cacheWriteTokens);
    instruments.tokens.inc({ model, kind: 'output' }, usage.outputTokens);
    instruments.tokens.inc({ model, kind: 'reasoning' }, usage.reasoningTokens);
  }
  if (costUsd !== undefined) instruments.cost.inc({ model }, costUsd);
  else if (hasUnknownCost(attempt)) instruments.unknownCosts.inc({ model });
}

/** A stream that broke off later had won all the same. */
function hedgeOutcomeOf({ outcome, firstContentMs }: RecordedAttempt): string {
  if (outcome === 'outrun') return 'lost';
  if (outcome === 'ok' || firstContentMs !== undefined) return 'won';
  return outcome === 'client-gone' ? outcome : 'failed';
}
