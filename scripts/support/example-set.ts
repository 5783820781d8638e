// What the router of a bench has learnt: the examples that ship, or others that are written for it.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';

export interface LabelledText {
  readonly text: string;
  readonly class: string;
}

export interface ExampleSet {
  /** One for each, in the same workshop. */
  readonly name: string;
  readonly classNames: readonly string[];
  readonly defaultClass: string;
  /** What the configuration says under `examples`. */
  readonly config: {
    readonly directory: string;
    readonly tuning: string;
    readonly conversations?: string;
  };
}

const shippedDirectory = resolve('datasets/examples');
const classNames = readdirSync(shippedDirectory).map((file) => basename(file, '.jsonl'));

export const shippedSet: ExampleSet = {
  name: 'shipped',
  classNames,
  defaultClass: 'knowledge',
  config: {
    directory: shippedDirectory,
    tuning: resolve('datasets/tuning.json'),
    conversations: resolve('datasets/conversations.jsonl'),
  },
};

/** Class by class. */
export function readShippedExamples(): LabelledText[] {
  return classNames.flatMap((name) =>
    readFileSync(join(shippedDirectory, `${name}.jsonl`), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)),
  );
}

/**
 * Writes a set of its own below `place`. It is weighed as the shipped one is, whatever its classes, so that nothing has to be
 * tuned for it; it has the shipped conversations where it has the shipped classes.
 */
export function writeExampleSet(
  place: string,
  { name, examples }: { readonly name: string; readonly examples: readonly LabelledText[] },
): ExampleSet {
  const own = join(place, 'sets', name);
  const directory = join(own, 'examples');
  mkdirSync(directory, { recursive: true });
  const names = [...new Set(examples.map((example) => example.class))];
  for (const each of names) {
    const lines = examples.filter((example) => example.class === each);
    const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
    writeFileSync(join(directory, `${each}.jsonl`), text);
  }
  const tuning = join(own, 'tuning.json');
  writeFileSync(tuning, JSON.stringify(shippedTuningFor(names, examples.length)));
  const { defaultClass, config } = shippedSet;
  return names.includes(defaultClass)
    ? { name, classNames: names, defaultClass, config: { ...config, directory, tuning } }
    : { name, classNames: names, defaultClass: names[0] ?? '', config: { directory, tuning } };
}

function shippedTuningFor(names: readonly string[], examples: number): object {
  const shipped = JSON.parse(readFileSync(shippedSet.config.tuning, 'utf8'));
  const known: Record<string, number> = shipped.thresholds;
  const usual = Object.values(known).sort((a, b) => a - b)[Math.floor(classNames.length / 2)];
  const thresholds = Object.fromEntries(names.map((name) => [name, known[name] ?? usual]));
  return { ...shipped, examples, thresholds };
}
