import onnxProto, { type onnx } from 'onnx-proto';

const { AttributeProto, ModelProto, TensorProto } = onnxProto.onnx;

// Opset 17 brings LayerNormalization; every ONNX Runtime since 1.14 reads this IR version.
const irVersion = 8;
const opsets = [
  { domain: '', version: 17 },
  { domain: 'com.microsoft', version: 1 },
];

type Dimensions = readonly (number | string)[];
type ElementType = 'FLOAT' | 'INT32' | 'INT64' | 'INT8' | 'UINT8';
type TypedValues = Float32Array | BigInt64Array | Int8Array | Uint8Array;

type Attribute =
  | { readonly int: number }
  | { readonly ints: readonly number[] }
  | { readonly float: number };

interface NodeOptions {
  readonly attributes?: Readonly<Record<string, Attribute>>;
  /** Names the outputs; without it there is one, named after the operator. */
  readonly outputs?: readonly string[];
}

/** An ONNX graph being written. Values are names; an operator with several outputs returns the first. */
export interface OnnxGraph {
  /** A string dimension is known only when the graph runs. */
  input(name: string, type: ElementType, shape: Dimensions): string;
  output(name: string, type: ElementType, shape: Dimensions): void;
  /** The same name is the same constant: only its first values are kept. */
  constant(name: string, values: TypedValues, shape: readonly number[]): string;
  /** An operator of the ONNX standard; an empty name stands for an input that is left out. */
  standard(operator: string, inputs: readonly string[], options?: NodeOptions): string;
  /** One of ONNX Runtime's own fused operators. */
  fused(operator: string, inputs: readonly string[], options?: NodeOptions): string;
  /** Converts to another element type. */
  cast(input: string, type: ElementType): string;
  /** The model file. */
  encode(): Uint8Array;
}

export function createOnnxGraph(name: string): OnnxGraph {
  const node: onnx.INodeProto[] = [];
  const constants = new Map<string, onnx.ITensorProto>();
  const input: onnx.IValueInfoProto[] = [];
  const output: onnx.IValueInfoProto[] = [];

  function add(
    domain: string,
    opType: string,
    inputs: readonly string[],
    options: NodeOptions = {},
  ): string {
    const name = `${opType}_${node.length}`;
    const outputs = options.outputs ?? [name];
    const attribute = Object.entries(options.attributes ?? {}).map(toAttribute);
    node.push({ domain, opType, name, attribute, input: [...inputs], output: [...outputs] });
    return outputs[0] ?? name;
  }

  return {
    input(name, type, shape) {
      input.push(toValueInfo(name, type, shape));
      return name;
    },
    output(name, type, shape) {
      output.push(toValueInfo(name, type, shape));
    },
    constant(name, values, shape) {
      if (constants.has(name)) return name;
      const rawData = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
      const dataType = TensorProto.DataType[elementTypeOf(values)];
      constants.set(name, { name, dataType, dims: [...shape], rawData });
      return name;
    },
    standard: (operator, inputs, options) => add('', operator, inputs, options),
    fused: (operator, inputs, options) => add('com.microsoft', operator, inputs, options),
    cast: (input, type) =>
      add('', 'Cast', [input], { attributes: { to: { int: TensorProto.DataType[type] } } }),
    encode() {
      const initializer = [...constants.values()];
      const graph = { name, node, initializer, input, output };
      const producer = { producerName: 'switchyard', irVersion, opsetImport: opsets };
      return ModelProto.encode({ ...producer, graph }).finish();
    },
  };
}

function elementTypeOf(values: TypedValues): ElementType {
  if (values instanceof Float32Array) return 'FLOAT';
  if (values instanceof BigInt64Array) return 'INT64';
  return values instanceof Int8Array ? 'INT8' : 'UINT8';
}

function toAttribute([name, value]: [string, Attribute]): onnx.IAttributeProto {
  const { INT, INTS, FLOAT } = AttributeProto.AttributeType;
  if ('int' in value) return { name, type: INT, i: value.int };
  if ('ints' in value) return { name, type: INTS, ints: [...value.ints] };
  return { name, type: FLOAT, f: value.float };
}

function toValueInfo(name: string, type: ElementType, shape: Dimensions): onnx.IValueInfoProto {
  const dim = shape.map((length) =>
    typeof length === 'number' ? { dimValue: length } : { dimParam: length },
  );
  return { name, type: { tensorType: { elemType: TensorProto.DataType[type], shape: { dim } } } };
}
