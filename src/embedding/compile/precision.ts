import type { OnnxGraph } from './onnx-graph.ts';
import { quantiseRows, transposeInto } from './quantise.ts';
import type { Tensor } from './safetensors.ts';

export interface Weight extends Tensor {
  readonly name: string;
}

/** How matrices are stored in a graph and multiplied with. */
export interface Precision {
  /** input · weightᵀ; the weight is [outputs, inputs], the input [batch, tokens, inputs]. */
  project(graph: OnnxGraph, input: string, weight: Weight): string;
  /** The rows of the table that the ids name: [batch, tokens, columns]. */
  lookUp(graph: OnnxGraph, ids: string, table: Weight): string;
}

export const fullPrecision: Precision = {
  project(graph, input, { name, shape, values }) {
    const [outputs = 0, inputs = 0] = shape;
    const transposed = transposeInto(new Float32Array(values.length), values, inputs);
    return graph.standard('MatMul', [input, graph.constant(name, transposed, [inputs, outputs])]);
  },
  lookUp(graph, ids, { name, shape, values }) {
    return graph.standard('Gather', [graph.constant(name, values, shape), ids]);
  },
};

/**
 * Weights and activations as bytes. Each token's activations have a scale of their own. One scale for the whole
 * tensor (DynamicQuantizeMatMul) saves 15 % of the time, but then a text's vector depends on what shares its
 * batch: cosine to its vector alone .986 on average and .949 at worst, against 1 here. It is also further from
 * float32 (.991 on average, .995 here).
 */
export const int8Precision: Precision = {
  project(graph, input, weight) {
    const { name } = weight;
    const { rows: outputs, columns: inputs, values, scales } = quantiseRows(weight);
    const transposed = transposeInto(new Int8Array(values.length), values, inputs);

    const magnitudes = graph.standard('Abs', [input]);
    const tokenScale = graph.standard('ReduceMax', [magnitudes], {
      attributes: { axes: { ints: [2] } },
    });
    // Under the same names everywhere: ONNX Runtime then converts what several projections read only once.
    const unitScale = graph.constant('activation_scale', Float32Array.of(1 / 127), []);
    const zeroPoint = graph.constant('activation_zero', Uint8Array.of(128), []);
    const bytes = graph.standard('QuantizeLinear', [
      graph.standard('Div', [input, tokenScale]),
      unitScale,
      zeroPoint,
    ]);
    const product = graph.fused('MatMulIntegerToFloat', [
      bytes,
      graph.constant(name, transposed, [inputs, outputs]),
      unitScale,
      graph.constant(`${name}.scale`, scales, [outputs]),
      zeroPoint,
    ]);
    return graph.standard('Mul', [product, tokenScale]);
  },
  lookUp(graph, ids, table) {
    const { rows, columns, values, scales } = quantiseRows(table);
    const bytes = graph.standard('Gather', [
      graph.constant(table.name, values, [rows, columns]),
      ids,
    ]);
    const scale = graph.constant(`${table.name}.scale`, scales, [rows, 1]);
    const rowScales = graph.standard('Gather', [scale, ids]);
    return graph.standard('Mul', [graph.cast(bytes, 'FLOAT'), rowScales]);
  },
};
