import { AutoModel, AutoTokenizer, env, Tensor } from '@xenova/transformers';
import type { ReadyModel } from '../../../src/embedding/model-files.ts';

export interface PromptEncoder {
  /** Token ids with special tokens, cut to the model's maximum, the closing token kept. */
  tokenise(text: string): number[];
  /** An output of one run over all of them, padded to the longest; `sentence_embedding` by default. */
  encode(batch: readonly (readonly number[])[], output?: string): Promise<Float32Array[]>;
  close(): Promise<void>;
}

/** Loads a model the way that transformers.js users do, from its folder only. */
export async function loadEncoder(model: ReadyModel): Promise<PromptEncoder> {
  env.allowRemoteModels = false;
  env.localModelPath = model.modelsDir;
  const tokenizer = await AutoTokenizer.from_pretrained(model.modelId);
  const network = await AutoModel.from_pretrained(model.modelId, {
    dtype: model.dtype,
    session_options: {
      intraOpNumThreads: 1,
      // Without it int8 products overflow on x86 processors that have no VNNI.
      extra: { session: { x64quantprecision: '1' } },
    },
  });

  return {
    tokenise(text) {
      const ids: number[] = tokenizer.encode(text);
      if (ids.length <= model.maxTokens) return ids;
      return [...ids.slice(0, model.maxTokens - 1), ...ids.slice(-1)];
    },
    async encode(batch, output = 'sentence_embedding') {
      const width = Math.max(...batch.map((ids) => ids.length));
      const padded = (fill: (ids: readonly number[]) => readonly number[]) => {
        const values = new BigInt64Array(batch.length * width);
        for (const [row, ids] of batch.entries()) values.set(fill(ids).map(BigInt), row * width);
        return new Tensor('int64', values, [batch.length, width]);
      };
      const outputs = await network({
        input_ids: padded((ids) => ids),
        attention_mask: padded((ids) => ids.map(() => 1)),
        token_type_ids: padded((ids) => ids.map(() => 0)),
      });
      const { data, dims } = outputs[output];
      return batch.map((_, row) => data.slice(row * dims[1], (row + 1) * dims[1]));
    },
    close: async () => {
      await network.dispose();
    },
  };
}
