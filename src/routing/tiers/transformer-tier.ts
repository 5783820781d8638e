import { toViews } from '../../classifier/views.ts';
import { type Embedder, EmbedderError } from '../../embedding/embedder.ts';
import type { Neighbour } from '../../index/example-index.ts';
import type { LiveExamples } from '../../index/live-examples.ts';
import type { EmbeddedTurn } from '../conversation/weigh-turns.ts';
import type { AbstainReason, DecisionNeighbour } from '../decision.ts';
import type { Classifier } from '../posterior.ts';
import { rememberLast } from '../remember-last.ts';
import type { Stopwatch } from '../stopwatch.ts';
import type { Tier, Weighed } from './tier.ts';
import { weigh } from './weigh.ts';

export interface TransformerTierOptions {
  readonly embedder: Embedder;
  readonly examples: Pick<LiveExamples, 'neighbours'>;
  readonly classifier: Classifier;
  /** How many examples vote. */
  readonly neighbours: number;
  /** How long the encoder may take before the default class serves. */
  readonly deadlineMs: number;
}

/** Reads every turn with the encoder, and weighs it by the neighbours and the head. Always sure: there is none after it. */
export function createTransformerTier(options: TransformerTierOptions): Tier {
  const { embedder, examples, classifier, neighbours } = options;
  // With the examples in force: a change of them makes another tier.
  const remembered = rememberLast<Weighed>();
  const { encoder } = embedder;

  return {
    name: 'transformer',
    encoderHash: encoder.hash,
    isSure: () => true,
    async weigh({ ask, earlier, reply }, stopwatch) {
      const texts = [...earlier, ask];
      const turns = await embedTurns(texts, options);
      stopwatch.lap('embedMs');
      if (typeof turns === 'string') {
        return { kind: 'unread', reason: turns, posterior: classifier.classify(undefined, []) };
      }
      const search = (vector: Float32Array) =>
        timed(stopwatch, () => examples.neighbours(vector, neighbours).map(toNeighbour));
      const how = { tier: 'transformer', encoder, classifier, reply, search } as const;
      return remembered.recall([reply, ...texts], classifier.basis(), () => weigh(turns, how));
    },
  };
}

function timed<Found>(stopwatch: Stopwatch, search: () => Found): Found {
  stopwatch.lap('weighMs');
  const found = search();
  stopwatch.lap('searchMs');
  return found;
}

/** The last turn is the ask. */
async function embedTurns(
  texts: readonly string[],
  { embedder, deadlineMs }: TransformerTierOptions,
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

function toNeighbour({ example, similarity }: Neighbour): DecisionNeighbour {
  const { id, text, className } = example;
  return { id, text, className, similarity };
}
