import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { messageOf } from '../../errors.ts';
import { ModelError } from '../model-error.ts';
import { type BertShape, buildBertGraph } from './bert-graph.ts';
import { fullPrecision, int8Precision } from './precision.ts';
import { parseSafetensors } from './safetensors.ts';
import { tokenizerConfig, toTokenizer } from './tokenizer.ts';

export interface CompileModelOptions {
  /** Holds model.fp16.safetensors, tokenizer.json and config.json. */
  readonly weightsDir: string;
  readonly outDir: string;
  readonly precision: 'int8' | 'fp32';
  readonly onProgress?: (message: string) => void;
}

const configSchema = z.looseObject({
  model_type: z.literal('bert'),
  hidden_act: z.literal('gelu'),
  hidden_size: z.int().positive(),
  num_hidden_layers: z.int().positive(),
  num_attention_heads: z.int().positive(),
  layer_norm_eps: z.number().positive(),
});

/** Where transformers.js looks for a model of this precision, by its `dtype`. */
const onnxFiles = { int8: 'onnx/model_quantized.onnx', fp32: 'onnx/model.onnx' };

/** Every file that compileModel writes, relative to `outDir`. */
export function compiledFiles(precision: 'int8' | 'fp32'): string[] {
  return ['config.json', 'tokenizer.json', 'tokenizer_config.json', onnxFiles[precision]];
}

/**
 * Turns the weights of a BERT sentence encoder into a model that transformers.js loads from `outDir`.
 * The files have reached the disk when it returns. Throws ModelError naming the file that can't be used.
 */
export async function compileModel(options: CompileModelOptions): Promise<void> {
  const { weightsDir, outDir, precision, onProgress } = options;
  onProgress?.('Reading the weights');
  const config = await readWith(join(weightsDir, 'config.json'), parseConfig);
  const tokenizer = await readWith(join(weightsDir, 'tokenizer.json'), toTokenizer);
  const model = await readWith(join(weightsDir, 'model.fp16.safetensors'), (bytes) => {
    const weights = parseSafetensors(bytes);
    onProgress?.(`Writing the ${precision} model`);
    return buildBertGraph({
      weights,
      shape: toShape(config),
      precision: precision === 'int8' ? int8Precision : fullPrecision,
    });
  });

  const files: Record<string, string | Uint8Array> = {
    'config.json': JSON.stringify(config, null, 2),
    'tokenizer.json': tokenizer,
    'tokenizer_config.json': JSON.stringify(tokenizerConfig, null, 2),
    [onnxFiles[precision]]: model,
  };
  await mkdir(join(outDir, 'onnx'), { recursive: true });
  for (const [file, content] of Object.entries(files)) {
    await writeFile(join(outDir, file), content, { flush: true });
  }
}

function parseConfig(bytes: Uint8Array) {
  return configSchema.parse(JSON.parse(new TextDecoder().decode(bytes)));
}

function toShape(config: z.infer<typeof configSchema>): BertShape {
  return {
    layers: config.num_hidden_layers,
    heads: config.num_attention_heads,
    hiddenSize: config.hidden_size,
    epsilon: config.layer_norm_eps,
  };
}

async function readWith<Result>(
  path: string,
  parse: (bytes: Uint8Array) => Result,
): Promise<Result> {
  try {
    return parse(await readFile(path));
  } catch (error) {
    throw new ModelError(
      `${path} can't be used: ${messageOf(error)}. Install the packages again (npm ci).`,
      { cause: error },
    );
  }
}
