import { encodeFeatures, type Recordable } from '../classifier/feature-record.ts';
import { toViews } from '../classifier/views.ts';
import type { Clock } from '../clock.ts';
import { type Embedder, EmbedderError } from '../embedding/embedder.ts';
import type { Neighbour } from '../index/example-index.ts';
import type { LiveExamples } from '../index/live-examples.ts';
import type { Conversation } from './conversation/read-conversation.ts';
import {
  type EmbeddedTurn,
  isNewTask,
  type WeighedTurns,
  weighTurns,
} from './conversation/weigh-turns.ts';
import type { AbstainReason, AskFacts, Decision, DecisionNeighbour } from './decision.ts';
import type { Classifier } from './posterior.ts';
import { rememberLast } from './remember-last.ts';
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

/** Takes a request from its conversation to a decision. */
export interface Decider {
  /**
   * Never rejects: where there is nothing to decide by, the default class serves and says why. With `explain` the decision
   * also says what spoke for its class.
   */
  decide(conversation: Conversation, options?: { readonly explain?: boolean }): Promise<Decided>;
  /** The decision of a request that names its class, or (undefined) its model. */
  force(className: string | undefined): Decided;
}

export interface DeciderOptions {
  readonly embedder: Embedder;
  readonly examples: Pick<LiveExamples, 'findByText' | 'neighbours' | 'hash'>;
  readonly rules: RoutingRules;
  readonly classifier: Classifier;
  /** How many examples vote. */
  readonly neighbours: number;
  /** How long the encoder may take before the default class serves. */
  readonly deadlineMs: number;
  readonly clock: Clock;
}

/** Enough to see what was taken for the ask. */
const excerptCharacters = 200;

const noTime: DecisionTimings = { embedMs: 0, searchMs: 0, weighMs: 0 };

export function createDecider(options: DeciderOptions): Decider {
  const { embedder, examples, rules, classifier, clock } = options;
  // With the examples in force: a change of them makes another decider.
  const remembered = rememberLast<Weighed>();
  const bundle = () => ({ encoderHash: embedder.encoder.hash, exampleSetHash: examples.hash });

  return {
    force: (className) => ({ decision: forcedDecision(className, bundle()), timings: noTime }),
    async decide(conversation, { explain = false } = {}) {
      const { ask } = conversation;
      if (ask === undefined) {
        const evidence: Evidence = { kind: 'none', reason: 'no-ask', ask: undefined };
        return { decision: decide(evidence, rules, bundle()), timings: noTime };
      }
      const startedAtMs = clock.now();
      const texts = [...conversation.earlier, ask];
      const turns = await embedTurns(texts, options);
      const embeddedAtMs = clock.now();
      const search = createTimedSearch(options);
      const weighed =
        typeof turns === 'string'
          ? turns
          : remembered.recall([conversation.reply, ...texts], classifier.basis(), () =>
              weigh(turns, conversation, search.find, options),
            );
      const evidence = toEvidence(ask, weighed, options, explain);
      const decision = decide(evidence, rules, bundle());
      const searchMs = search.tookMs();
      const timings = {
        embedMs: embeddedAtMs - startedAtMs,
        searchMs,
        weighMs: clock.now() - embeddedAtMs - searchMs,
      };
      if (typeof weighed === 'string') return { decision, timings };
      return { decision, timings, recordFeatures: weighed.recordFeatures };
    },
  };
}

/** The last turn is the ask. */
async function embedTurns(
  texts: readonly string[],
  { embedder, deadlineMs }: DeciderOptions,
): Promise<EmbeddedTurn[] | AbstainReason> {
  const views = texts.map(toViews);
  try {
    const embeddings = await embedder.embed(views.flat(), { deadlineMs });
    let from = 0;
    return texts.map((text, position) => {
      const count = views[position]?.length ?? 0;
      from += count;
      return { text, views: embeddings.slice(from - count, from) };
    });
  } catch (error) {
    return error instanceof EmbedderError && error.kind === 'late'
      ? 'embedder-late'
      : 'embedder-down';
  }
}

interface Weighed extends WeighedTurns<DecisionNeighbour> {
  readonly ask: EmbeddedTurn;
  readonly recordFeatures: () => Uint8Array;
}

type Search = (vector: Float32Array) => DecisionNeighbour[];

function createTimedSearch({ examples, neighbours, clock }: DeciderOptions) {
  let tookMs = 0;
  const find: Search = (vector) => {
    const startedAtMs = clock.now();
    const found = examples.neighbours(vector, neighbours).map(toNeighbour);
    tookMs += clock.now() - startedAtMs;
    return found;
  };
  return { find, tookMs: () => tookMs };
}

function weigh(
  turns: readonly EmbeddedTurn[],
  { reply }: Conversation,
  search: Search,
  { classifier, embedder }: DeciderOptions,
): Weighed {
  const ask = turns.at(-1) as EmbeddedTurn;
  const weighed = weighTurns(ask, turns.slice(0, -1), { reply, classifier, search });
  let record: Uint8Array | undefined;
  const recordFeatures = (): Uint8Array => {
    record ??= encodeFeatures(toRecordable(weighed), embedder.encoder);
    return record;
  };
  return { ask, recordFeatures, ...weighed };
}

function toRecordable({ input, context }: WeighedTurns<DecisionNeighbour>): Recordable {
  const { vectors, sparse, before } = input;
  return { vectors, sparse, before: before && { prior: context?.prior ?? [], ...before } };
}

function toEvidence(
  text: string,
  weighed: Weighed | AbstainReason,
  { examples, classifier }: DeciderOptions,
  explain: boolean,
): Evidence {
  const equal = examples.findByText(text);
  const tokens = (views: EmbeddedTurn['views']) =>
    views.reduce((sum, view) => sum + view.tokens, 0);
  const views = typeof weighed === 'string' ? toViews(text) : weighed.ask.views;
  const ask: AskFacts = {
    excerpt: text.slice(0, excerptCharacters),
    characters: text.length,
    read: views.length === 1 ? 'whole' : 'ends',
    tokens: typeof weighed === 'string' ? undefined : tokens(weighed.ask.views),
  };
  if (typeof weighed === 'string') {
    if (equal === undefined) return { kind: 'none', reason: weighed, ask };
    const posterior = classifier.classify(undefined, []);
    return { kind: 'weighed', posterior, neighbours: [], same: equal, context: undefined, ask };
  }
  const { posterior, neighbours, context, input } = weighed;
  // What only goes on may have the words of an example, and yet be about something else.
  const same = isNewTask(context) ? equal : undefined;
  const [best] = posterior;
  const isReasoned = explain && same === undefined && best !== undefined;
  const reasons = isReasoned
    ? classifier.reason({ text, vectors: input.vectors }, best.className)
    : undefined;
  return { kind: 'weighed', posterior, reasons, neighbours, same, context, ask };
}

function toNeighbour({ example, similarity }: Neighbour): DecisionNeighbour {
  const { id, text, className } = example;
  return { id, text, className, similarity };
}
