import type { QuantisedMatrix } from '../compile/quantise.ts';
import type { Embedding, Encoder } from '../embedder.ts';
import { createWordPieces, type Vocabulary } from './word-pieces.ts';

/** Embeds in microseconds, by a table: quick enough for the event loop, less exact than the model it was made of. */
export interface StaticEncoder {
  readonly encoder: Encoder;
  /** Undefined for a text without a word that it knows. */
  embed(text: string): Embedding | undefined;
}

export interface StaticEncoderParts {
  /** A row for every piece of the vocabulary, by its id. */
  readonly table: QuantisedMatrix;
  readonly vocabulary: Vocabulary;
  readonly encoder: Pick<Encoder, 'id' | 'hash' | 'maxTokens'>;
}

/** A text's vector is the sum of its pieces' rows, at unit length. There is no other view of it for the head. */
export function createStaticEncoder(parts: StaticEncoderParts): StaticEncoder {
  const { table, vocabulary, encoder } = parts;
  const toPieces = createWordPieces(vocabulary);
  const { columns, values, scales } = table;
  return {
    encoder: { ...encoder, dimensions: columns, featureDimensions: columns },
    embed(text) {
      const pieces = toPieces(text);
      const truncated = pieces.length > encoder.maxTokens;
      const read = truncated ? pieces.slice(0, encoder.maxTokens) : pieces;
      const vector = new Float32Array(columns);
      for (const id of read) {
        const scale = scales[id] ?? 0;
        const row = id * columns;
        for (let column = 0; column < columns; column += 1) {
          vector[column] = (vector[column] as number) + scale * (values[row + column] as number);
        }
      }
      if (!toUnitLength(vector)) return undefined;
      return { vector, features: vector, tokens: read.length, truncated };
    },
  };
}

/** In place; false where there is no direction. */
function toUnitLength(vector: Float32Array): boolean {
  let squares = 0;
  for (let i = 0; i < vector.length; i += 1) squares += (vector[i] as number) ** 2;
  if (squares === 0) return false;
  const scale = 1 / Math.sqrt(squares);
  for (let i = 0; i < vector.length; i += 1) vector[i] = (vector[i] as number) * scale;
  return true;
}
