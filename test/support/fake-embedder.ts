import { createHash } from 'node:crypto';
import type { Embedder, EmbedderError } from '../../src/embedding/embedder.ts';
import { joinFeatures } from '../../src/embedding/features.ts';

export interface FakeEmbedder extends Embedder {
  /** The texts of every call that was made, in order. */
  readonly calls: (readonly string[])[];
  /** Every call from now on rejects with this; undefined makes it work again. */
  failWith(error: EmbedderError | undefined): void;
}

/**
 * Texts with words in common are near: a text is the normalised sum of its words' hashed vectors, and its middle view
 * that of other hashes of them.
 */
export function createFakeEmbedder({ dimensions = 64, hash = 'fake' } = {}): FakeEmbedder {
  const calls: (readonly string[])[] = [];
  let failure: EmbedderError | undefined;

  return {
    encoder: { id: hash, hash, dimensions, featureDimensions: 2 * dimensions, maxTokens: 512 },
    calls,
    failWith(error) {
      failure = error;
    },
    async embed(texts) {
      calls.push([...texts]);
      if (failure !== undefined) throw failure;
      return texts.map((text) => {
        const words = text.toLowerCase().match(/\w+/g) ?? [text];
        const vector = toUnitVector(words.map((word) => hashWord(word, dimensions)));
        const middle = toUnitVector(words.map((word) => hashWord(`middle ${word}`, dimensions)));
        const features = joinFeatures(vector, middle);
        return { vector, features, tokens: words.length, truncated: false };
      });
    },
    close: async () => {},
  };
}

function hashWord(word: string, dimensions: number): number[] {
  const bytes = createHash('shake256', { outputLength: dimensions }).update(word).digest();
  return [...bytes].map((byte) => byte - 127.5);
}

function toUnitVector(vectors: readonly number[][]): Float32Array {
  const sum = Float32Array.from(vectors[0] ?? [], (_, position) =>
    vectors.reduce((total, vector) => total + (vector[position] ?? 0), 0),
  );
  const length = Math.hypot(...sum);
  return sum.map((value) => value / length);
}
