import type { Clock } from '../clock.ts';
import type { Catalogue } from '../config/catalogue.ts';
import type { Embedder } from '../embedding/embedder.ts';
import type { LiveExamples } from '../index/live-examples.ts';
import type { Decider } from '../routing/decider.ts';
import type { DecisionStore } from '../telemetry/decisions/decision-store.ts';
import type { Recorder } from '../telemetry/request-record.ts';
import type { Stats } from '../telemetry/stats/stats.ts';
import type { Traces } from '../telemetry/traces/traces.ts';
import type { Balancer } from '../upstream/balance/balancer.ts';
import type { FindTranslation } from '../upstream/exchange.ts';
import type { Health } from '../upstream/health/health.ts';
import type { Hedging } from '../upstream/hedging/hedging.ts';
import type { Prober } from '../upstream/probes/prober.ts';
import type { Provider } from '../upstream/provider.ts';
import type { Retries } from '../upstream/retries.ts';
import type { HoldParts } from './conversation-hold.ts';

/** The running parts that the endpoints work with. */
export interface Services {
  readonly decider: Decider;
  /** Also serves embeddings to clients. */
  readonly embedder: Embedder;
  readonly examples: LiveExamples;
  readonly catalogue: Catalogue;
  readonly providers: ReadonlyMap<string, Provider>;
  readonly findTranslation: FindTranslation;
  readonly health: Health;
  readonly balancer: Balancer;
  readonly prober: Prober;
  readonly retries: Retries;
  /** What keeps conversations with their models. */
  readonly holding: HoldParts;
  /** Undefined: nobody is asked beside another. */
  readonly hedging: Hedging | undefined;
  readonly maxAttempts: number;
  readonly deadlineMs: number;
  readonly clock: Clock;
  readonly recorder: Recorder;
  readonly stats: Stats;
  /** Where traces are exported. */
  readonly traces: Traces | undefined;
  /** What the recorder has kept. */
  readonly decisions: DecisionStore;
  /** Of everything that is configured, for the record. */
  readonly configHash: string;
}

export type AppState =
  | { readonly kind: 'starting'; readonly waitingFor: string }
  | { readonly kind: 'ready'; readonly services: Services }
  | { readonly kind: 'draining' };
