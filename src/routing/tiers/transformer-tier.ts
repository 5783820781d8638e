import { type ReadText, readText } from '../../classifier/read-text.ts';
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
      const texts = [reply, ...earlier, ask.text];
      const known = remembered.known(texts, classifier.basis());
      if (known !== undefined) return known;
      const read = [...earlier.map(readText), ask];
      const turns = await embedTurns(read, options);
      stopwatch.lap('embedMs');
      if (typeof turns === 'string') {
        return { kind: 'unread', reason: turns, posterior: classifier.classify(undefined, []) };
      }
      const search = (vector: Float32Array) =>
        timed(stopwatch, () => examples.neighbours(vector, neighbours).map(toNeighbour));
      const how = { tier: 'transformer', encoder, classifier, reply, search } as const;
      return remembered.recall(texts, classifier.basis(), () => weigh(turns, how));
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
  turns: readonly ReadText[],
  { embedder, deadlineMs }: TransformerTierOptions,
): Promise<EmbeddedTurn[] | AbstainReason> {
  try {
    const texts = turns.flatMap(({ views }) => views);
    const embeddings = await embedder.embed(texts, { deadlineMs });
    let from = 0;
    return turns.map((read) => {
      from += read.views.length;
      return { read, views: embeddings.slice(from - read.views.length, from) };
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
