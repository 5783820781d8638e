import { type SparseIds, toSparseIds } from '../classifier/feature-ids.ts';
import { encodeFeatures } from '../classifier/feature-record.ts';
import { toViews } from '../classifier/views.ts';
import type { Clock } from '../clock.ts';
import { type Embedder, EmbedderError, type Embedding } from '../embedding/embedder.ts';
import { meanVector } from '../index/embed-views.ts';
import type { Neighbour } from '../index/example-index.ts';
import type { LiveExamples } from '../index/live-examples.ts';
import { type ChatMessage, readConversation } from './conversation/read-conversation.ts';
import type { AbstainReason, AskFacts, Decision, DecisionNeighbour } from './decision.ts';
import type { Classify, Reason } from './posterior.ts';
import { decide, type Evidence, forcedDecision, type RoutingRules } from './router.ts';

/** What the decision cost, in milliseconds. */
export interface DecisionTimings {
  readonly embedMs: number;
  /** For the neighbours. */
  readonly searchMs: number;
  /** For the posterior and the class. */
  readonly weighMs: number;
}

export interface Decided {
  readonly decision: Decision;
  readonly timings: DecisionTimings;
  /** Makes the record that it can be decided by again; absent where no vector took part. */
  readonly recordFeatures?: () => Uint8Array;
}

/** Takes a request from its messages to a decision. */
export interface Decider {
  /**
   * Never rejects: where there is nothing to decide by, the default class serves and says why. With `explain` the decision
   * also says what spoke for its class.
   */
  decide(
    messages: readonly ChatMessage[],
    options?: { readonly explain?: boolean },
  ): Promise<Decided>;
  /** The decision of a request that names its class, or (undefined) its model. */
  force(className: string | undefined): Decided;
}

export interface DeciderOptions {
  readonly embedder: Embedder;
  readonly examples: Pick<LiveExamples, 'findByText' | 'neighbours' | 'hash'>;
  readonly rules: RoutingRules;
  readonly classify: Classify;
  /** Says what spoke for a class. */
  readonly reason?: Reason;
  /** How many examples vote. */
  readonly neighbours: number;
  /** How long the encoder may take before the default class serves. */
  readonly deadlineMs: number;
  readonly clock: Clock;
}

const noTime: DecisionTimings = { embedMs: 0, searchMs: 0, weighMs: 0 };

export function createDecider(options: DeciderOptions): Decider {
  const { embedder, examples, rules, clock } = options;
  const bundle = () => ({ encoderHash: embedder.encoder.hash, exampleSetHash: examples.hash });

  return {
    force: (className) => ({ decision: forcedDecision(className, bundle()), timings: noTime }),
    async decide(messages, { explain = false } = {}) {
      const { ask } = readConversation(messages);
      if (ask === undefined) {
        const evidence: Evidence = { kind: 'none', reason: 'no-ask', ask: undefined };
        return { decision: decide(evidence, rules, bundle()), timings: noTime };
      }
      const startedAtMs = clock.now();
      const views = toViews(ask);
      const embedded = await embedAsk(views, options);
      const embeddedAtMs = clock.now();
      const near = typeof embedded === 'string' ? [] : search(embedded, options);
      const searchedAtMs = clock.now();
      const sparse = toSparseIds(ask);
      const found = { ask, views, embedded, near, sparse };
      const decision = decide(weigh(found, options, explain), rules, bundle());
      const timings = {
        embedMs: embeddedAtMs - startedAtMs,
        searchMs: searchedAtMs - embeddedAtMs,
        weighMs: clock.now() - searchedAtMs,
      };
      if (typeof embedded === 'string') return { decision, timings };
      const recordFeatures = () => encodeFeatures({ views: embedded, sparse }, embedder.encoder);
      return { decision, timings, recordFeatures };
    },
  };
}

async function embedAsk(
  views: readonly string[],
  { embedder, deadlineMs }: DeciderOptions,
): Promise<Embedding[] | AbstainReason> {
  try {
    return await embedder.embed(views, { deadlineMs });
  } catch (error) {
    return error instanceof EmbedderError && error.kind === 'late'
      ? 'embedder-late'
      : 'embedder-down';
  }
}

function search(
  embedded: readonly Embedding[],
  { examples, neighbours }: DeciderOptions,
): DecisionNeighbour[] {
  return examples.neighbours(meanVector(embedded), neighbours).map(toNeighbour);
}

interface Found {
  readonly ask: string;
  readonly views: readonly string[];
  readonly embedded: readonly Embedding[] | AbstainReason;
  readonly near: readonly DecisionNeighbour[];
  readonly sparse: SparseIds;
}

function weigh(
  { ask, views, embedded, near, sparse }: Found,
  { examples, classify, reason }: DeciderOptions,
  explain: boolean,
): Evidence {
  const same = examples.findByText(ask);
  const isEmbedded = typeof embedded !== 'string';
  const facts: AskFacts = {
    characters: ask.length,
    read: views.length === 1 ? 'whole' : 'ends',
    tokens: isEmbedded ? embedded.reduce((sum, { tokens }) => sum + tokens, 0) : undefined,
  };
  if (!isEmbedded && same === undefined) return { kind: 'none', reason: embedded, ask: facts };
  const vectors = isEmbedded ? embedded.map(({ features }) => features) : [];
  const posterior = classify({ sparse, vectors, neighbours: near });
  const [best] = posterior;
  const isReasoned = explain && same === undefined && best !== undefined;
  const reasons = isReasoned ? reason?.({ text: ask, vectors }, best.className) : undefined;
  return { kind: 'weighed', posterior, reasons, neighbours: near, same, ask: facts };
}

function toNeighbour({ example, similarity }: Neighbour): DecisionNeighbour {
  const { id, text, className } = example;
  return { id, text, className, similarity };
}
