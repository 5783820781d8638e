// Runs inside a worker thread: transformers.js keeps its settings in a global, and session.run blocks its thread.
import { AutoModel, AutoTokenizer, env, LogLevel, Tensor } from '@xenova/transformers';
import type { Embedding } from './embedder.ts';
import { joinFeatures } from './features.ts';
import { needsPreciseProducts } from './int8-precision.ts';
import type { ReadyModel } from './model-files.ts';

export interface TokenisedText {
  readonly tokenIds: readonly number[];
  readonly truncated: boolean;
}

export interface SentenceEncoder {
  /** At most the model's `maxTokens` ids, a closing special token kept. */
  tokenise(text: string): TokenisedText;
  /** One embedding per text, in order, from a single run padded to the longest of them. */
  encode(texts: readonly TokenisedText[]): Promise<Embedding[]>;
}

/** Loads the model from disk, on one thread, without ever asking the network. */
export async function loadSentenceEncoder(model: ReadyModel): Promise<SentenceEncoder> {
  const { modelId, modelsDir, dtype, dimensions, maxTokens } = model;
  env.allowRemoteModels = false;
  env.localModelPath = modelsDir;
  // Its error log dumps the tokens of the prompt; what fails is thrown as well.
  env.logLevel = LogLevel.NONE;

  const tokenizer = await AutoTokenizer.from_pretrained(modelId);
  const network = await AutoModel.from_pretrained(modelId, {
    dtype,
    device: 'cpu',
    session_options: {
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
      extra: { session: { x64quantprecision: needsPreciseProducts() ? '1' : '0' } },
    },
  });
  const padding = BigInt(tokenizer.pad_token_id ?? 0);
  const specialIds = new Set<number>(tokenizer.all_special_ids);

  function tokenise(text: string): TokenisedText {
    const tokenIds: number[] = tokenizer.encode(text);
    const last = tokenIds.at(-1);
    if (tokenIds.length <= maxTokens || last === undefined) return { tokenIds, truncated: false };
    const head = tokenIds.slice(0, maxTokens);
    if (specialIds.has(last)) head[maxTokens - 1] = last;
    return { tokenIds: head, truncated: true };
  }

  async function encode(texts: readonly TokenisedText[]): Promise<Embedding[]> {
    const width = Math.max(...texts.map(({ tokenIds }) => tokenIds.length));
    const ids = new BigInt64Array(texts.length * width).fill(padding);
    const mask = new BigInt64Array(texts.length * width);
    for (const [row, { tokenIds }] of texts.entries()) {
      ids.set(tokenIds.map(BigInt), row * width);
      mask.fill(1n, row * width, row * width + tokenIds.length);
    }

    const shape = [texts.length, width];
    const inputs: Record<string, Tensor> = {
      input_ids: new Tensor('int64', ids, shape),
      attention_mask: new Tensor('int64', mask, shape),
      token_type_ids: new Tensor('int64', new BigInt64Array(ids.length), shape),
    };
    let outputs: Record<string, Tensor> = {};
    try {
      outputs = await network(inputs);
      const pool = pooling(outputs, { width, dimensions });
      const middle = rowsOf(outputs, 'middle_embedding', dimensions);
      return texts.map(({ tokenIds, truncated }, row) => {
        const vector = toUnitLength(pool(row, tokenIds.length));
        const features = joinFeatures(vector, middle && toUnitLength(middle(row)));
        return { vector, features, tokens: tokenIds.length, truncated };
      });
    } finally {
      for (const tensor of [...Object.values(inputs), ...Object.values(outputs)]) tensor.dispose();
    }
  }

  return { tokenise, encode };
}

/** How to read the vector of one row: pooled by the model itself, or the mean over the row's own tokens. */
function pooling(
  outputs: Record<string, Tensor>,
  { width, dimensions }: { width: number; dimensions: number },
): (row: number, tokens: number) => Float32Array {
  const rows = rowsOf(outputs, 'sentence_embedding', dimensions);
  if (rows !== undefined) return rows;
  const values = valuesOf(outputs, 'last_hidden_state', dimensions);
  return (row, tokens) => {
    const sum = new Float32Array(dimensions);
    for (let token = 0; token < tokens; token++) {
      const offset = (row * width + token) * dimensions;
      for (let i = 0; i < dimensions; i++) sum[i] = (sum[i] ?? 0) + (values[offset + i] ?? 0);
    }
    return sum;
  };
}

/** How to read the row of an output that the model pools itself, if it has it. */
function rowsOf(
  outputs: Record<string, Tensor>,
  name: string,
  dimensions: number,
): ((row: number) => Float32Array) | undefined {
  if (outputs[name] === undefined) return undefined;
  const values = valuesOf(outputs, name, dimensions);
  return (row) => values.slice(row * dimensions, (row + 1) * dimensions);
}

function valuesOf(outputs: Record<string, Tensor>, name: string, dimensions: number): Float32Array {
  const output = outputs[name];
  const values = output?.data;
  if (values instanceof Float32Array && output?.dims.at(-1) === dimensions) return values;
  throw new Error(
    `The model should give sentence_embedding or last_hidden_state in ${dimensions} float32 dimensions, ` +
      `and middle_embedding, if any, in as many; it gives ${Object.entries(outputs)
        .map(([name, { type, dims }]) => `${name} ${type}[${dims.join(',')}]`)
        .join(', ')}.`,
  );
}

/** Scales in place, in plain loops for their speed. A length that is zero or not a number would poison every index it gets into. */
function toUnitLength(vector: Float32Array): Float32Array {
  let squares = 0;
  for (let i = 0; i < vector.length; i += 1) squares += (vector[i] as number) ** 2;
  const length = Math.sqrt(squares);
  if (!(length > 0 && length < Number.POSITIVE_INFINITY)) {
    throw new Error(`The model gave a vector of length ${length}.`);
  }
  for (let i = 0; i < vector.length; i += 1) vector[i] = (vector[i] as number) / length;
  return vector;
}
