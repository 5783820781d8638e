import { featureId } from '../../src/classifier/feature-ids.ts';
import { blocksOf, type LinearHead } from '../../src/classifier/linear-head.ts';

export interface WordHeadOptions {
  readonly classNames: readonly string[];
  /** By how much the logit of a class is above that of the others in a text with one of its words. */
  readonly strength?: number;
  readonly dimensions?: number;
  readonly readsContext?: boolean;
}

/** A head that was never fitted: each word speaks for a class, and nothing else does. `<word` is one of the reply. */
export function wordHead(
  classOf: Readonly<Record<string, string>>,
  { classNames, strength = 6, dimensions = 2, readsContext = false }: WordHeadOptions,
): LinearHead {
  const words = Object.entries(classOf);
  return {
    classNames,
    dimensions,
    readsContext,
    scales: { dense: 1, sparse: strength },
    vocabulary: new Map(words.map(([word], column) => [featureId(word), column])),
    rarity: new Float32Array(words.length).fill(1),
    denseWeights: new Float32Array(classNames.length * blocksOf({ readsContext }) * dimensions),
    sparseWeights: Float32Array.from(
      words.flatMap(([, className]) => classNames.map((name) => Number(name === className))),
    ),
    bias: new Float32Array(classNames.length),
  };
}
