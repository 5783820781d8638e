import { compareTexts } from '../compare-texts.ts';
import { createRandom, shuffle } from '../random.ts';
import { createFeatureTable } from './feature-table.ts';
import {
  blocksOf,
  type EncodedInput,
  encodeInput,
  type FeatureScales,
  type HeadInput,
  type LearningHead,
  type LinearHead,
  predictInto,
  sparseIdsOf,
} from './linear-head.ts';

export interface LabelledInput extends HeadInput {
  readonly className: string;
}

export interface TrainingSettings {
  readonly scales: FeatureScales;
  readonly epochs: number;
  readonly seed: number;
}

const learningRate = 0.3;
const decay = 0.01;
/** Gradients below this change nothing that can be seen, and skipping them saves most of the work. */
const negligible = 1e-3;
/** How fast steps shrink with the squared gradients seen so far, and the most that a rare class may weigh. */
const denseDamping = 1e-3;
const sparseDamping = 0.5;
const maxClassWeight = 5;

/**
 * Fits the head by stochastic gradient descent with adaptive steps (after AdaGrad, Duchi et al. 2011), one
 * text at a time. A class with few texts weighs more, by the square root of its rarity. Where any text has something
 * before it, the head learns to read that, too. The same inputs, in any order, under the same seed give the same head.
 */
export function trainHead(
  inputs: readonly LabelledInput[],
  settings: TrainingSettings,
): LinearHead {
  const ordered = inputs.toSorted(
    (a, b) =>
      compareTexts(a.className, b.className) ||
      compareTexts(a.text, b.text) ||
      compareTexts(a.before?.reply ?? '', b.before?.reply ?? ''),
  );
  const head = createHead(ordered, settings);
  const texts = ordered.map((input) => encodeInput(input, head));
  const labels = ordered.map(({ className }) => head.classNames.indexOf(className));
  const weights = classWeights(labels, head.classNames.length);
  const step = createStep(head);
  const random = createRandom(settings.seed);

  for (let epoch = 0; epoch < settings.epochs; epoch += 1) {
    const rate = learningRate * (1 - epoch / settings.epochs);
    for (const index of shuffle([...texts.keys()], random)) {
      const text = texts[index];
      const label = labels[index];
      if (text === undefined || label === undefined) continue;
      step({ text, label, weight: weights[label] ?? 1, rate });
    }
    shrink(head.denseWeights, 1 - decay * rate);
    shrink(head.sparseWeights, 1 - decay * rate);
  }
  return toWholeNumbers(head);
}

function createHead(inputs: readonly LabelledInput[], { scales }: TrainingSettings): LearningHead {
  const documents = new Map<number, number>();
  const readsContext = inputs.some(({ before }) => before !== undefined);
  for (const input of inputs) {
    for (const feature of sparseIdsOf(input, { readsContext })) {
      documents.set(feature, (documents.get(feature) ?? 0) + 1);
    }
  }
  const classNames = [...new Set(inputs.map(({ className }) => className))].sort();
  const dimensions = inputs[0]?.vectors[0]?.length ?? 0;
  const vocabulary = createFeatureTable(documents.keys());
  const rarity = Float32Array.from(
    vocabulary.ids,
    (id) => 1 + Math.log((1 + inputs.length) / (1 + (documents.get(id) ?? 0))),
  );
  return {
    classNames,
    dimensions,
    readsContext,
    scales,
    vocabulary,
    rarity,
    denseWeights: new Float32Array(classNames.length * blocksOf({ readsContext }) * dimensions),
    sparseWeights: new Float32Array(documents.size * classNames.length),
    sparseUnits: new Float32Array(documents.size).fill(1),
    bias: new Float32Array(classNames.length),
  };
}

function classWeights(labels: readonly number[], classes: number): number[] {
  const counts = new Array<number>(classes).fill(0);
  for (const label of labels) counts[label] = (counts[label] ?? 0) + 1;
  return counts.map((count) =>
    Math.min(maxClassWeight, Math.sqrt(labels.length / classes / count)),
  );
}

interface Lesson {
  readonly text: EncodedInput;
  readonly label: number;
  readonly weight: number;
  readonly rate: number;
}

/** Learns from one text: moves the weights of every class whose probability was off. */
function createStep(head: LearningHead): (lesson: Lesson) => void {
  const { denseWeights, sparseWeights, bias } = head;
  const classes = head.classNames.length;
  const stride = blocksOf(head) * head.dimensions;
  const probabilities = new Float64Array(classes);
  const denseHistory = new Float32Array(classes);
  const sparseHistory = new Float32Array(sparseWeights.length);

  return ({ text, label, weight, rate }) => {
    predictInto(head, text, probabilities);
    for (let index = 0; index < classes; index += 1) {
      const error = ((probabilities[index] ?? 0) - (index === label ? 1 : 0)) * weight;
      if (Math.abs(error) < negligible) continue;
      const history = (denseHistory[index] ?? 0) + error * error;
      denseHistory[index] = history;
      const denseStep = (rate * error) / Math.sqrt(1 + denseDamping * history);
      const { dense } = text;
      const row = index * stride;
      for (let position = 0; position < dense.length; position += 1) {
        const at = row + position;
        denseWeights[at] = (denseWeights[at] as number) - denseStep * (dense[position] as number);
      }
      bias[index] = (bias[index] ?? 0) - 0.1 * denseStep;
      for (let entry = 0; entry < text.columns.length; entry += 1) {
        const at = (text.columns[entry] ?? 0) * classes + index;
        const gradient = error * (text.values[entry] ?? 0);
        const seen = (sparseHistory[at] ?? 0) + gradient * gradient;
        sparseHistory[at] = seen;
        sparseWeights[at] =
          (sparseWeights[at] ?? 0) - (rate * gradient) / Math.sqrt(sparseDamping + seen);
      }
    }
  };
}

function shrink(weights: Float32Array, factor: number): void {
  for (let index = 0; index < weights.length; index += 1) {
    weights[index] = (weights[index] ?? 0) * factor;
  }
}

/** The largest weight of a column becomes 127. */
function toWholeNumbers(head: LearningHead): LinearHead {
  const classes = head.classNames.length;
  const sparseWeights = new Int8Array(head.sparseWeights.length);
  const sparseUnits = head.sparseUnits.map((_, column) => {
    const weights = head.sparseWeights.subarray(column * classes, (column + 1) * classes);
    let largest = 0;
    for (const weight of weights) largest = Math.max(largest, Math.abs(weight));
    const unit = largest / 127;
    if (unit === 0) return 0;
    for (let index = 0; index < classes; index += 1) {
      sparseWeights[column * classes + index] = Math.round((weights[index] as number) / unit);
    }
    return unit;
  });
  return { ...head, sparseWeights, sparseUnits };
}
