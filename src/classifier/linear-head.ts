import { toSparseFeatures } from './sparse-features.ts';

/** How strongly each kind of feature speaks, relative to a unit vector. */
export interface FeatureScales {
  readonly dense: number;
  readonly sparse: number;
}

/** A multinomial logistic classifier over the vectors of a text's ends and its sparse features. */
export interface LinearHead {
  readonly classNames: readonly string[];
  /** Of one view's vector. */
  readonly dimensions: number;
  readonly scales: FeatureScales;
  /** Column of each sparse feature that was seen in training. */
  readonly vocabulary: ReadonlyMap<string, number>;
  /** By column: rare features count more (inverse document frequency). */
  readonly rarity: Float32Array;
  /** `[class][first view, last view]`. */
  readonly denseWeights: Float32Array;
  /** `[column][class]`. */
  readonly sparseWeights: Float32Array;
  readonly bias: Float32Array;
}

/** A text as the head reads it. */
export interface HeadInput {
  readonly text: string;
  /** Vectors of the text's views, in order. */
  readonly vectors: readonly Float32Array[];
}

export interface EncodedInput {
  readonly dense: Float32Array;
  readonly columns: Int32Array;
  readonly values: Float32Array;
}

type Encoding = Pick<LinearHead, 'dimensions' | 'scales' | 'vocabulary' | 'rarity'>;

/** Scales both kinds of features; sparse ones are TF-IDF of unit length before that. */
export function encodeInput({ text, vectors }: HeadInput, encoding: Encoding): EncodedInput {
  const { dimensions, scales, vocabulary, rarity } = encoding;
  const first = vectors[0];
  const last = vectors.at(-1);
  if (first === undefined || last === undefined) throw new RangeError('A text needs a vector.');
  const dense = new Float32Array(2 * dimensions);
  dense.set(first);
  dense.set(last, dimensions);
  const scale = scales.dense * Math.SQRT1_2;
  for (const [position, value] of dense.entries()) dense[position] = value * scale;

  const columns: number[] = [];
  const values: number[] = [];
  for (const [feature, count] of toSparseFeatures(text)) {
    const column = vocabulary.get(feature);
    if (column === undefined) continue;
    columns.push(column);
    values.push((1 + Math.log(count)) * (rarity[column] ?? 0));
  }
  const length = Math.hypot(...values) || 1;
  return {
    dense,
    columns: Int32Array.from(columns),
    values: Float32Array.from(values, (value) => (value * scales.sparse) / length),
  };
}

/** Writes the probability of every class into `out`, in the order of `classNames`. */
export function predictInto(head: LinearHead, input: EncodedInput, out: Float64Array): void {
  const { denseWeights, sparseWeights, bias } = head;
  const { dense, columns, values } = input;
  const classes = out.length;
  const width = dense.length;
  for (let index = 0; index < classes; index += 1) {
    let score = bias[index] ?? 0;
    const row = index * width;
    for (let position = 0; position < width; position += 1) {
      score += (denseWeights[row + position] ?? 0) * (dense[position] ?? 0);
    }
    out[index] = score;
  }
  for (let entry = 0; entry < columns.length; entry += 1) {
    const row = (columns[entry] ?? 0) * classes;
    const value = values[entry] ?? 0;
    for (let index = 0; index < classes; index += 1) {
      out[index] = (out[index] ?? 0) + (sparseWeights[row + index] ?? 0) * value;
    }
  }
  toProbabilities(out);
}

/** The probability of every class. */
export function predict(head: LinearHead, input: HeadInput): Map<string, number> {
  const out = new Float64Array(head.classNames.length);
  predictInto(head, encodeInput(input, head), out);
  return new Map(head.classNames.map((name, index) => [name, out[index] ?? 0]));
}

/** Softmax in place. */
function toProbabilities(scores: Float64Array): void {
  let largest = Number.NEGATIVE_INFINITY;
  for (const score of scores) largest = Math.max(largest, score);
  let total = 0;
  for (let index = 0; index < scores.length; index += 1) {
    const weight = Math.exp((scores[index] ?? 0) - largest);
    scores[index] = weight;
    total += weight;
  }
  for (let index = 0; index < scores.length; index += 1) {
    scores[index] = (scores[index] ?? 0) / total;
  }
}
