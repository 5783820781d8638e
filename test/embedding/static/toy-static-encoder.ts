import { quantiseRows } from '../../../src/embedding/compile/quantise.ts';
import {
  createStaticEncoder,
  type StaticEncoder,
} from '../../../src/embedding/static/static-encoder.ts';

/** The pieces of words that it knows, each with its row; whatever else a text has says nothing. */
const rows: Readonly<Record<string, readonly [number, number]>> = {
  '[UNK]': [0, 0],
  hello: [1, 0],
  sort: [0, 1],
  list: [0, 1],
  maybe: [1, 1],
};

export function toyStaticEncoder(): StaticEncoder {
  const pieces = Object.keys(rows);
  return createStaticEncoder({
    table: quantiseRows({
      shape: [pieces.length, 2],
      values: Float32Array.from(Object.values(rows).flat()),
    }),
    vocabulary: {
      ids: new Map(pieces.map((piece, id) => [piece, id])),
      special: ['[UNK]'],
      unknownId: 0,
      longestWord: 100,
    },
    encoder: { id: 'toy', hash: 'toy', maxTokens: 100 },
  });
}
