import { featureId } from '../../src/classifier/feature-ids.ts';
import { createFeatureTable } from '../../src/classifier/feature-table.ts';
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
  const classById = new Map(
    Object.entries(classOf).map(([word, className]) => [featureId(word), className]),
  );
  const vocabulary = createFeatureTable(classById.keys());
  const columns = vocabulary.ids.length;
  return {
    classNames,
    dimensions,
    readsContext,
    scales: { dense: 1, sparse: strength },
    vocabulary,
    rarity: new Float32Array(columns).fill(1),
    denseWeights: new Float32Array(classNames.length * blocksOf({ readsContext }) * dimensions),
    sparseWeights: Int8Array.from(
      [...vocabulary.ids].flatMap((id) =>
        classNames.map((name) => Number(name === classById.get(id))),
      ),
    ),
    sparseUnits: new Float32Array(columns).fill(1),
    bias: new Float32Array(classNames.length),
  };
}
