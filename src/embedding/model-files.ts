import { createHash } from 'node:crypto';
import { access, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { messageOf } from '../errors.ts';
import { bundledPrecisions, ensureBundledModel } from './bundled-model.ts';
import { hashFile } from './compile/model-manifest.ts';
import { ModelError } from './model-error.ts';

/** A model on disk, complete: what a worker needs to load it. */
export interface ReadyModel {
  readonly kind: 'ready';
  /** As transformers.js knows it: relative to `modelsDir`, its `env.localModelPath`. */
  readonly modelId: string;
  readonly modelsDir: string;
  /** Absolute, `<modelsDir>/<modelId>`. */
  readonly directory: string;
  /** `q8` loads onnx/model_quantized.onnx, `fp32` loads onnx/model.onnx. */
  readonly dtype: 'q8' | 'fp32';
  /** SHA-256 over everything that decides what vector and features a text gets. */
  readonly encoderHash: string;
  readonly dimensions: number;
  /** Longest input in tokens, special tokens included; whoever tokenises must truncate to it. */
  readonly maxTokens: number;
}

/** Not on disk, but may be downloaded into `modelsDir`; call ensureModel again afterwards. */
export interface AbsentModel {
  readonly kind: 'download';
  readonly modelId: string;
  readonly modelsDir: string;
}

export interface EnsureModelOptions {
  readonly modelsDir: string;
  readonly modelId: string;
  readonly allowDownload?: boolean;
  /** Where the weights of the bundled model are; the installed package by default. */
  readonly weightsDir?: string;
  readonly onProgress?: (message: string) => void;
}

const configSchema = z.object({
  hidden_size: z.int().positive(),
  max_position_embeddings: z.int().positive().default(512),
});
const tokenizerConfigSchema = z.object({ model_max_length: z.number().positive().default(512) });

/**
 * Finds the model, building a bundled one when it is missing or damaged.
 * Throws ModelError when there is none that can be used; the message names the file and the remedy.
 */
export async function ensureModel(options: EnsureModelOptions): Promise<ReadyModel | AbsentModel> {
  const { modelId, allowDownload = false } = options;
  if (!/^[\w-][\w.-]*(\/[\w-][\w.-]*)?$/.test(modelId)) {
    throw new ModelError(`"${modelId}" is not a model id: expected "name" or "owner/name".`);
  }
  const modelsDir = resolve(options.modelsDir);
  const directory = join(modelsDir, modelId);
  const precision = bundledPrecisions[modelId];
  if (precision !== undefined) {
    await ensureBundledModel({ ...options, modelsDir, precision });
  }

  const dtype = await findDtype(directory);
  if (dtype !== undefined) return describe({ modelId, modelsDir, directory, dtype });
  if (allowDownload) return { kind: 'download', modelId, modelsDir };
  throw new ModelError(
    `The embedding model ${modelId} is not in ${directory}. Put its files there in the layout of transformers.js ` +
      '(config.json, tokenizer.json, tokenizer_config.json, onnx/model_quantized.onnx), or set ' +
      'embedding.allowDownload to true to have them downloaded.',
  );
}

async function findDtype(directory: string): Promise<ReadyModel['dtype'] | undefined> {
  const always = ['config.json', 'tokenizer.json', 'tokenizer_config.json'];
  if (!(await exist(directory, always))) return undefined;
  if (await exist(directory, [onnxFile('q8')])) return 'q8';
  return (await exist(directory, [onnxFile('fp32')])) ? 'fp32' : undefined;
}

function exist(directory: string, files: readonly string[]): Promise<boolean> {
  return Promise.all(files.map((file) => access(join(directory, file)))).then(
    () => true,
    () => false,
  );
}

function onnxFile(dtype: ReadyModel['dtype']): string {
  return dtype === 'q8' ? 'onnx/model_quantized.onnx' : 'onnx/model.onnx';
}

async function describe(
  found: Pick<ReadyModel, 'modelId' | 'modelsDir' | 'directory' | 'dtype'>,
): Promise<ReadyModel> {
  const { directory, dtype } = found;
  const config = await readJson(join(directory, 'config.json'), configSchema);
  const tokenizer = await readJson(join(directory, 'tokenizer_config.json'), tokenizerConfigSchema);
  const dimensions = config.hidden_size;
  // Many models declare a nonsensical 1e30 for their tokenizer: the positions are the limit then.
  const maxTokens = Math.min(tokenizer.model_max_length, config.max_position_embeddings);

  const files = [onnxFile(dtype), 'tokenizer.json', 'tokenizer_config.json'];
  const digests = await Promise.all(files.map((file) => hashFile(join(directory, file))));
  const features = 'vector, middle';
  const parts = { digests, pooling: 'mean', normalised: true, features, dimensions, maxTokens };
  const encoderHash = createHash('sha256').update(JSON.stringify(parts)).digest('hex');
  return { kind: 'ready', ...found, encoderHash, dimensions, maxTokens };
}

async function readJson<Schema extends z.ZodType>(
  path: string,
  schema: Schema,
): Promise<z.infer<Schema>> {
  try {
    return schema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (error) {
    throw new ModelError(`${path} can't be used: ${messageOf(error)}`, { cause: error });
  }
}
