import { afterEach, describe, expect, it } from 'vitest';
import { loadSentenceEncoder } from '../../src/embedding/sentence-encoder.ts';
import { type TinyModelOptions, writeTinyModel } from './tiny-model.ts';

const cleanUps: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

async function load(options?: TinyModelOptions) {
  const { model, remove } = await writeTinyModel(options);
  cleanUps.push(remove);
  return loadSentenceEncoder(model);
}

const cls = 101;
const sep = 102;
const hello = 7592;

describe('tokenising', () => {
  it('adds the special tokens and nothing else', async () => {
    const { tokenise } = await load();
    expect(tokenise('hello')).toEqual({ tokenIds: [cls, hello, sep], truncated: false });
    expect(tokenise('')).toEqual({ tokenIds: [cls, sep], truncated: false });
  });

  it('keeps the closing token when it truncates, and says so', async () => {
    const { tokenise } = await load({ maxTokens: 4 });
    expect(tokenise('hello hello')).toEqual({
      tokenIds: [cls, hello, hello, sep],
      truncated: false,
    });
    expect(tokenise('hello hello you')).toEqual({
      tokenIds: [cls, hello, hello, sep],
      truncated: true,
    });
  });

  it('survives lone surrogates, NULs and control characters', async () => {
    const { tokenise } = await load();
    for (const text of ['\ud800', 'a\udc00b', '\0', 'a\0b', '\u0007\u200d', '\ud83d']) {
      const { tokenIds } = tokenise(text);
      expect([tokenIds.at(0), tokenIds.at(-1)]).toEqual([cls, sep]);
    }
  });
});

describe('encoding', () => {
  it('gives the mean over the tokens of a text, without padding, at unit length', async () => {
    const { tokenise, encode } = await load();
    const [short, long] = await encode([tokenise('hello'), tokenise('hello hello hello')]);
    const shortMean = (cls + hello + sep) / 3;
    const longMean = (cls + 3 * hello + sep) / 5;
    expect(short?.vector[0]).toBeCloseTo(1 / Math.hypot(1, shortMean), 8);
    expect(short?.vector[1]).toBeCloseTo(shortMean / Math.hypot(1, shortMean), 6);
    expect(long?.vector[0]).toBeCloseTo(1 / Math.hypot(1, longMean), 8);
    expect([short?.tokens, long?.tokens]).toEqual([3, 5]);
  });

  it('joins the vector and the middle view to features of unit length', async () => {
    const { tokenise, encode } = await load({ middle: [3, 4] });
    for (const { vector, features } of await encode(['hello', 'hello you'].map(tokenise))) {
      expect(features).toHaveLength(4);
      const expected = [...vector, 0.6, 0.8].map((value) => value * Math.SQRT1_2);
      for (const [i, value] of expected.entries()) expect(features[i]).toBeCloseTo(value, 6);
      expect(Math.hypot(...features)).toBeCloseTo(1, 6);
    }
  });

  it('serves the vector as features where the model gives no middle view', async () => {
    const { tokenise, encode } = await load();
    const [embedding] = await encode([tokenise('hello')]);
    expect(embedding?.features).toBe(embedding?.vector);
  });

  it('rejects a middle view that has no direction', async () => {
    for (const value of [0, Number.NaN, Number.POSITIVE_INFINITY]) {
      const { tokenise, encode } = await load({ middle: [value, value] });
      await expect(encode([tokenise('hello')])).rejects.toThrow('a vector of length');
    }
  });

  it('rejects a vector that has no direction', async () => {
    for (const value of [0, Number.NaN, Number.POSITIVE_INFINITY]) {
      const { tokenise, encode } = await load({ tokenVector: [value, value] });
      await expect(encode([tokenise('hello')])).rejects.toThrow('a vector of length');
    }
  });

  it('names what the model gives when that is not what it needs', async () => {
    const { tokenise, encode } = await load({ output: 'logits' });
    await expect(encode([tokenise('hello')])).rejects.toThrow('it gives logits float32[1,3,2]');
  });

  it('refuses a model of other dimensions', async () => {
    const { model, remove } = await writeTinyModel();
    cleanUps.push(remove);
    const { tokenise, encode } = await loadSentenceEncoder({ ...model, dimensions: 384 });
    await expect(encode([tokenise('hello')])).rejects.toThrow('384 float32 dimensions');
  });
});

describe('loading', () => {
  it('never asks the network for a file that is missing', async () => {
    const { model, remove } = await writeTinyModel();
    cleanUps.push(remove);
    await expect(loadSentenceEncoder({ ...model, dtype: 'q8' })).rejects.toThrow(
      'model_quantized.onnx',
    );
  });
});
