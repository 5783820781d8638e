import { createOnnxGraph } from './onnx-graph.ts';
import type { Precision, Weight } from './precision.ts';
import type { Tensor } from './safetensors.ts';

/** What the weights of a BERT encoder don't tell by themselves. */
export interface BertShape {
  readonly layers: number;
  readonly heads: number;
  readonly hiddenSize: number;
  readonly epsilon: number;
}

export interface BertGraphOptions {
  readonly weights: ReadonlyMap<string, Tensor>;
  readonly shape: BertShape;
  readonly precision: Precision;
}

/**
 * Writes a BERT sentence encoder as an ONNX file with ONNX Runtime's fused operators. Its outputs
 * `sentence_embedding` and `middle_embedding` [batch, hiddenSize], of the last layer and of one at two thirds
 * of the depth, are pooled (mean) and have unit length, so that a run hands back two vectors a text, not one a
 * token. Throws an Error that names the weight when one is missing.
 */
export function buildBertGraph({ weights, shape, precision }: BertGraphOptions): Uint8Array {
  const graph = createOnnxGraph('sentence-encoder');
  const ids = graph.input('input_ids', 'INT64', ['batch', 'tokens']);
  const mask = graph.input('attention_mask', 'INT64', ['batch', 'tokens']);
  const types = graph.input('token_type_ids', 'INT64', ['batch', 'tokens']);
  const keyMask = graph.cast(mask, 'INT32');
  const one = graph.constant('one', BigInt64Array.of(1n), [1]);
  const maskRow = graph.standard('Unsqueeze', [graph.cast(mask, 'FLOAT'), one]);

  function weight(name: string): Weight {
    const tensor = weights.get(name);
    if (tensor === undefined) throw new Error(`weight ${name} is missing`);
    return { name, ...tensor };
  }

  function constant({ name, values, shape }: Weight): string {
    return graph.constant(name, values, shape);
  }

  function multiply(name: string, input: string): string {
    return precision.project(graph, input, weight(`${name}.weight`));
  }

  function addBias(name: string, product: string): string {
    return graph.standard('Add', [product, constant(weight(`${name}.bias`))]);
  }

  /**
   * LayerNorm of the sum. The fused SkipLayerNormalization takes a fifth more of the whole run: it computes the
   * variance element by element, with a division for each.
   */
  function addAndNormalise(name: string, terms: readonly [string, string]): string {
    const inputs = [
      graph.standard('Add', terms),
      constant(weight(`${name}.weight`)),
      constant(weight(`${name}.bias`)),
    ];
    const attributes = { epsilon: { float: shape.epsilon } };
    return graph.standard('LayerNormalization', inputs, { attributes });
  }

  /** The end of both halves of a layer: a projection, added to what went into that half. */
  function project(name: string, input: string, residual: string): string {
    const projected = addBias(`${name}.dense`, multiply(`${name}.dense`, input));
    return addAndNormalise(`${name}.LayerNorm`, [projected, residual]);
  }

  function embed(): string {
    const words = precision.lookUp(graph, ids, weight('embeddings.word_embeddings.weight'));
    const typeTable = constant(weight('embeddings.token_type_embeddings.weight'));
    const sum = graph.standard('Add', [words, graph.standard('Gather', [typeTable, types])]);
    const length = graph.standard('Shape', [ids], { attributes: { start: { int: 1 } } });
    const positions = graph.standard('Slice', [
      constant(weight('embeddings.position_embeddings.weight')),
      graph.constant('zero', BigInt64Array.of(0n), [1]),
      length,
    ]);
    return addAndNormalise('embeddings.LayerNorm', [sum, positions]);
  }

  function attend(name: string, hidden: string): string {
    const query = addBias(`${name}.self.query`, multiply(`${name}.self.query`, hidden));
    // Its bias would raise all scores of a query alike, and softmax forgets that.
    const key = multiply(`${name}.self.key`, hidden);
    const value = addBias(`${name}.self.value`, multiply(`${name}.self.value`, hidden));
    const context = graph.fused('MultiHeadAttention', [query, key, value, '', keyMask], {
      attributes: { num_heads: { int: shape.heads } },
    });
    return project(`${name}.output`, context, hidden);
  }

  function feedForward(name: string, hidden: string): string {
    const wide = multiply(`${name}.intermediate.dense`, hidden);
    const wideBias = constant(weight(`${name}.intermediate.dense.bias`));
    const active = graph.fused('BiasGelu', [wide, wideBias]);
    return project(`${name}.output`, active, hidden);
  }

  /** The sum over the real tokens, to unit length: the mean would only be divided out again. */
  function pool(hidden: string, output: string): void {
    const sum = graph.standard('Squeeze', [graph.standard('MatMul', [maskRow, hidden]), one]);
    graph.standard('LpNormalization', [sum], {
      attributes: { axis: { int: 1 }, p: { int: 2 } },
      outputs: [output],
    });
    graph.output(output, 'FLOAT', ['batch', shape.hiddenSize]);
  }

  const middleLayer = Math.round((shape.layers * 2) / 3);
  let hidden = embed();
  for (let layer = 0; layer < shape.layers; layer++) {
    const name = `encoder.layer.${layer}`;
    hidden = feedForward(name, attend(`${name}.attention`, hidden));
    if (layer + 1 === middleLayer) pool(hidden, 'middle_embedding');
  }
  pool(hidden, 'sentence_embedding');
  return graph.encode();
}
