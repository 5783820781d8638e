import { type SparseIds, toReplyIds, toSparseIds } from './feature-ids.ts';
import { columnOf, type FeatureTable } from './feature-table.ts';

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
  /** Whether it was taught conversations, and reads what came before a text. */
  readonly readsContext: boolean;
  readonly scales: FeatureScales;
  /** The sparse features that were seen in training. */
  readonly vocabulary: FeatureTable;
  /** By column: rare features count more (inverse document frequency). */
  readonly rarity: Float32Array;
  /** `[class][mean of the views, half of what separates them, context where it is read]`. */
  readonly denseWeights: Float32Array;
  /** `[column][class]`, in units of the column: there are many more than dense ones, and a byte is enough. */
  readonly sparseWeights: Int8Array;
  /** The unit of each column. */
  readonly sparseUnits: Float32Array;
  readonly bias: Float32Array;
}

/** A head while it learns: its sparse weights are no whole numbers yet. */
export type LearningHead = Omit<LinearHead, 'sparseWeights'> & {
  readonly sparseWeights: Float32Array;
};

/** What came before a text in its conversation. */
interface TextBefore {
  /** Of the human's earlier turns together; unit length. */
  readonly context: Float32Array;
  /** What the model said last. */
  readonly reply: string;
}

/** A text as the head reads it. */
export interface HeadInput {
  readonly text: string;
  /** Vectors of the text's views, in order. */
  readonly vectors: readonly Float32Array[];
  readonly before?: TextBefore | undefined;
}

/** A text that is no longer there, as the head reads it. */
export interface RecordedInput {
  readonly sparse: SparseIds;
  readonly vectors: readonly Float32Array[];
  readonly before?: { readonly context: Float32Array; readonly reply: SparseIds } | undefined;
}

export interface EncodedInput {
  /** Of a text with one view only the mean: nothing separates it from itself. */
  readonly dense: Float32Array;
  readonly columns: Int32Array;
  readonly values: Float32Array;
}

type Encoding = Pick<
  LinearHead,
  'dimensions' | 'readsContext' | 'scales' | 'vocabulary' | 'rarity'
>;

/** How many vectors of `dimensions` the head weighs. */
export function blocksOf({ readsContext }: Pick<LinearHead, 'readsContext'>): number {
  return readsContext ? 3 : 2;
}

/**
 * Scales both kinds of features; sparse ones, of the text and of the reply before it, are TF-IDF of unit length before
 * that.
 */
export function encodeInput(input: HeadInput | RecordedInput, encoding: Encoding): EncodedInput {
  const sparse = 'text' in input ? toSparseIds(input.text) : input.sparse;
  const before = encoding.readsContext ? input.before : undefined;
  const dense = encodeVectors(input.vectors, before?.context, encoding);
  const ofText = encodeSparse(sparse, encoding);
  if (before === undefined) return { dense, ...ofText };
  const ofReply = encodeSparse(replyIdsOf(before), encoding);
  return {
    dense,
    columns: Int32Array.of(...ofText.columns, ...ofReply.columns),
    values: Float32Array.of(...ofText.values, ...ofReply.values),
  };
}

/** Every sparse feature of an input, as far as it is read. */
export function sparseIdsOf(
  input: HeadInput,
  { readsContext }: Pick<Encoding, 'readsContext'>,
): number[] {
  const ids = [...toSparseIds(input.text).keys()];
  if (!readsContext || input.before === undefined) return ids;
  return [...ids, ...replyIdsOf(input.before).keys()];
}

function replyIdsOf({ reply }: { readonly reply: string | SparseIds }): SparseIds {
  return typeof reply === 'string' ? toReplyIds(reply) : reply;
}

/**
 * First and last view, turned by 45 degrees: half their sum, half their difference. It says the same and halves the
 * work for a text that has one view, which is most of them. What is zero at the end is left out.
 */
function encodeVectors(
  vectors: readonly Float32Array[],
  context: Float32Array | undefined,
  { dimensions, scales }: Encoding,
): Float32Array {
  const first = vectors[0];
  const last = vectors.at(-1);
  if (first === undefined || last === undefined) throw new RangeError('A text needs a vector.');
  if (first === last && context === undefined) return first.map((value) => value * scales.dense);
  const dense = new Float32Array((context === undefined ? 2 : 3) * dimensions);
  const half = scales.dense / 2;
  for (let position = 0; position < dimensions; position += 1) {
    const a = first[position] ?? 0;
    const b = last[position] ?? 0;
    dense[position] = (a + b) * half;
    dense[dimensions + position] = (a - b) * half;
    if (context !== undefined) {
      dense[2 * dimensions + position] = (context[position] ?? 0) * scales.dense;
    }
  }
  return dense;
}

function encodeSparse(
  features: SparseIds,
  { scales, vocabulary, rarity }: Encoding,
): Pick<EncodedInput, 'columns' | 'values'> {
  const columns: number[] = [];
  const values: number[] = [];
  let squares = 0;
  for (const [feature, weight] of features) {
    const column = columnOf(vocabulary, feature);
    if (column === -1) continue;
    const value = dampen(weight) * (rarity[column] ?? 0);
    columns.push(column);
    values.push(value);
    squares += value * value;
  }
  const length = Math.sqrt(squares) || 1;
  return {
    columns: Int32Array.from(columns),
    values: Float32Array.from(values, (value) => (value * scales.sparse) / length),
  };
}

/** A word that is repeated says little more than one that is not. */
function dampen(weight: number): number {
  return weight < 1 ? weight : 1 + Math.log(weight);
}

/** Writes the probability of every class into `out`, in the order of `classNames`. */
export function predictInto(
  head: LinearHead | LearningHead,
  input: EncodedInput,
  out: Float64Array,
): void {
  const { denseWeights, sparseWeights, sparseUnits, bias, dimensions } = head;
  const { dense, columns, values } = input;
  const classes = out.length;
  const stride = blocksOf(head) * dimensions;
  for (let index = 0; index < classes; index += 1) {
    out[index] = (bias[index] ?? 0) + dotAt(denseWeights, index * stride, dense);
  }
  for (let entry = 0; entry < columns.length; entry += 1) {
    const column = columns[entry] as number;
    const row = column * classes;
    const value = (values[entry] as number) * (sparseUnits[column] as number);
    for (let index = 0; index < classes; index += 1) {
      out[index] = (out[index] as number) + (sparseWeights[row + index] as number) * value;
    }
  }
  toProbabilities(out);
}

/**
 * The product of `values` with as many weights from `offset` on. Four sums at a time, because each addition waits for
 * the one before it.
 */
export function dotAt(weights: Float32Array, offset: number, values: Float32Array): number {
  const blocks = values.length - (values.length % 4);
  let first = 0;
  let second = 0;
  let third = 0;
  let fourth = 0;
  let index = 0;
  for (; index < blocks; index += 4) {
    const at = offset + index;
    first += (weights[at] as number) * (values[index] as number);
    second += (weights[at + 1] as number) * (values[index + 1] as number);
    third += (weights[at + 2] as number) * (values[index + 2] as number);
    fourth += (weights[at + 3] as number) * (values[index + 3] as number);
  }
  for (; index < values.length; index += 1) {
    first += (weights[offset + index] as number) * (values[index] as number);
  }
  return first + second + third + fourth;
}

/** The probability of every class. */
export function predict(head: LinearHead, input: HeadInput | RecordedInput): Map<string, number> {
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
