import { encodeFeatures, type Recordable } from '../../classifier/feature-record.ts';
import type { Encoder } from '../../embedding/embedder.ts';
import { type EmbeddedTurn, type WeighedTurns, weighTurns } from '../conversation/weigh-turns.ts';
import type { DecisionNeighbour, TierName } from '../decision.ts';
import type { Classifier } from '../posterior.ts';
import type { Weighed } from './tier.ts';

export interface WeighOptions {
  readonly tier: TierName;
  readonly encoder: Encoder;
  readonly classifier: Classifier;
  /** What the model said before the ask. */
  readonly reply: string;
  /** The nearest examples of a vector; a tier that looks for none has no such search. */
  readonly search?: (vector: Float32Array) => readonly DecisionNeighbour[];
}

/** Weighs turns, the last of which is the ask. */
export function weigh(turns: readonly EmbeddedTurn[], options: WeighOptions): Weighed {
  const { tier, encoder, classifier } = options;
  const ask = turns.at(-1) as EmbeddedTurn;
  const weighed = weighTurns(ask, turns.slice(0, -1), options);
  const { posterior, neighbours, context, input } = weighed;
  let record: Uint8Array | undefined;
  return {
    kind: 'weighed',
    tier,
    encoderHash: encoder.hash,
    ask,
    posterior,
    neighbours,
    context,
    reason() {
      const [best] = posterior;
      const asked = { text: ask.read.text, vectors: input.vectors };
      return best === undefined ? undefined : classifier.reason(asked, best.className);
    },
    recordFeatures() {
      record ??= encodeFeatures(toRecordable(weighed), { tier, ...encoder });
      return record;
    },
  };
}

function toRecordable({ input, context }: WeighedTurns<DecisionNeighbour>): Recordable {
  const { vectors, sparse, before } = input;
  return { vectors, sparse, before: before && { prior: context?.prior ?? [], ...before } };
}
