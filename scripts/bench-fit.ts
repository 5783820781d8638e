// What fitting the head costs, on one thread: a large set of many classes and a small one of few, made up.
import { parseArgs } from 'node:util';
import { type LabelledInput, trainHead } from '../src/classifier/train-head.ts';
import { createRandom } from '../src/random.ts';

/** Two vectors of all-MiniLM-L6-v2, joined. */
const dimensions = 768;
const wordsPerText = 12;
const ownWords = 40;
const commonWords = 3_000;
/** As large against a class's own direction as the vectors of CLINC150 stray from theirs. */
const noise = 1.2;

const { values } = parseArgs({
  options: {
    sets: { type: 'string', default: '1500x14,15000x150' },
    epochs: { type: 'string', default: '12' },
  },
});

/** That many texts, spread over the classes: half of their words are of their class, their vectors lie around its own. */
function makeInputs(count: number, classes: number): LabelledInput[] {
  const random = createRandom(1);
  const draw = (choices: number): number => Math.floor(random() * choices);
  const centres = Array.from({ length: classes }, () => drawDirection(random));
  return Array.from({ length: count }, (_, position) => {
    const label = position % classes;
    const centre = centres[label] as Float32Array;
    const stray = drawDirection(random);
    const vector = toUnit(centre.map((value, axis) => value + noise * (stray[axis] ?? 0)));
    const words = Array.from({ length: wordsPerText }, (_, at) =>
      at % 2 === 0 ? `own${label}of${draw(ownWords)}` : `common${draw(commonWords)}`,
    );
    return { className: `class ${label}`, text: words.join(' '), vectors: [vector] };
  });
}

function drawDirection(random: () => number): Float32Array {
  return toUnit(Float32Array.from({ length: dimensions }, () => random() + random() - 1));
}

function toUnit(vector: Float32Array): Float32Array {
  const length = Math.hypot(...vector);
  return vector.map((value) => value / length);
}

for (const set of values.sets.split(',')) {
  const [count = 0, classes = 0] = set.split('x').map(Number);
  const inputs = makeInputs(count, classes);
  const settings = { scales: { dense: 3, sparse: 1 }, epochs: Number(values.epochs), seed: 1 };
  const began = process.cpuUsage();
  const startedAt = performance.now();
  const head = trainHead(inputs, settings);
  const wallMs = Math.round(performance.now() - startedAt);
  const { user, system } = process.cpuUsage(began);
  const cpuMs = Math.round((user + system) / 1_000);
  const sparseFeatures = head.vocabulary.ids.length;
  process.stdout.write(`${JSON.stringify({ count, classes, sparseFeatures, wallMs, cpuMs })}\n`);
}
