import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { createEmbedder } from '../../src/embedding/create-embedder.ts';
import type { Embedder, Embedding } from '../../src/embedding/embedder.ts';
import { ensureModel } from '../../src/embedding/model-files.ts';

// The bundled model from end to end.
describe('the embedder with its default model', () => {
  let embedder: Embedder;

  beforeAll(async () => {
    const modelsDir = fileURLToPath(new URL('../../models', import.meta.url));
    const model = await ensureModel({ modelsDir, modelId: 'all-MiniLM-L6-v2' });
    if (model.kind !== 'ready') throw new Error('The bundled model needs no download.');
    embedder = await createEmbedder({ model, workers: 1, cacheBytes: 0, clock: systemClock });
  });
  afterAll(() => embedder.close());

  it('gives unit vectors of the dimensions it names', async () => {
    const { dimensions } = embedder.encoder;
    expect(dimensions).toBe(384);
    for (const { vector } of await embedder.embed(['Fix this bug.', '', '\ud800\0', '你好'])) {
      expect(vector).toHaveLength(dimensions);
      expect(Math.hypot(...vector)).toBeCloseTo(1, 5);
    }
  });

  it('gives features of unit length that begin with the vector', async () => {
    const { dimensions, featureDimensions } = embedder.encoder;
    expect(featureDimensions).toBe(2 * dimensions);
    for (const { vector, features } of await embedder.embed(['Fix this bug.', '', '你好'])) {
      expect(features).toHaveLength(featureDimensions);
      expect(Math.hypot(...features)).toBeCloseTo(1, 5);
      expect(features.slice(0, dimensions)).toEqual(vector.map((value) => value * Math.SQRT1_2));
      expect(Math.hypot(...features.slice(dimensions))).toBeCloseTo(Math.SQRT1_2, 5);
    }
  });

  it('puts a paraphrase nearer than another topic', async () => {
    const [question, paraphrase, other] = await embedder.embed([
      'How do I sort a list of numbers in Python?',
      'What is the way to order an array of integers with python code?',
      'Write a love poem about the sea.',
    ]);
    expect(similarity(question, paraphrase)).toBeGreaterThan(0.6);
    expect(similarity(question, other)).toBeLessThan(0.3);
  });

  it('gives a text the same vector alone and in any company', async () => {
    const texts = Array.from(
      { length: 40 },
      (_, i) => `Number ${i} ${'and then some more '.repeat(i % 9)}`,
    );
    const together = await embedder.embed(texts);
    for (const [i, text] of texts.entries()) {
      const [alone] = await embedder.embed([text]);
      expect(similarity(alone, together[i])).toBeGreaterThan(0.9995);
    }
  });

  it('counts tokens and tells what it cut off', async () => {
    const [short, long, huge] = await embedder.embed([
      'hello world',
      'hello '.repeat(300),
      'hello '.repeat(3_000_000),
    ]);
    const { maxTokens } = embedder.encoder;
    expect(short).toMatchObject({ tokens: 4, truncated: false });
    expect(long).toMatchObject({ tokens: maxTokens, truncated: true });
    expect(huge).toMatchObject({ tokens: maxTokens, truncated: true });
    expect(similarity(long, huge)).toBeGreaterThan(0.995);
  });
});

function similarity(a: Embedding | undefined, b: Embedding | undefined): number {
  if (a === undefined || b === undefined) throw new Error('An embedding is missing.');
  return a.vector.reduce((sum, value, i) => sum + value * (b.vector[i] ?? 0), 0);
}
