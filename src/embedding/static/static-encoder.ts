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
  /** A row for every piece of the vocabulary, by its id; a multiple of four columns. */
  readonly table: QuantisedMatrix;
  readonly vocabulary: Vocabulary;
  readonly encoder: Pick<Encoder, 'id' | 'hash' | 'maxTokens'>;
}

/** A text's vector is the sum of its pieces' rows, at unit length. There is no other view of it for the head. */
export function createStaticEncoder(parts: StaticEncoderParts): StaticEncoder {
  const { table, vocabulary, encoder } = parts;
  const toPieces = createWordPieces(vocabulary);
  const { columns } = table;
  return {
    encoder: { ...encoder, dimensions: columns, featureDimensions: columns },
    embed(text) {
      const pieces = toPieces(text);
      const truncated = pieces.length > encoder.maxTokens;
      const read = truncated ? pieces.slice(0, encoder.maxTokens) : pieces;
      const vector = sumRows(table, read);
      if (!toUnitLength(vector)) return undefined;
      return { vector, features: vector, tokens: read.length, truncated };
    },
  };
}

/** Four columns at a time, so that no sum waits for the one before it, or for memory. */
function sumRows(
  { columns, values, scales }: QuantisedMatrix,
  ids: readonly number[],
): Float32Array {
  const sums = new Float32Array(columns);
  for (let column = 0; column < columns; column += 4) {
    let first = 0;
    let second = 0;
    let third = 0;
    let fourth = 0;
    for (let position = 0; position < ids.length; position += 1) {
      const id = ids[position] as number;
      const scale = scales[id] as number;
      const at = id * columns + column;
      first += scale * (values[at] as number);
      second += scale * (values[at + 1] as number);
      third += scale * (values[at + 2] as number);
      fourth += scale * (values[at + 3] as number);
    }
    sums[column] = first;
    sums[column + 1] = second;
    sums[column + 2] = third;
    sums[column + 3] = fourth;
  }
  return sums;
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
