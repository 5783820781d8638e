// Sets of examples of any size and of any number of classes, made of those that ship.
import { normaliseText } from '../../src/normalise-text.ts';
import { createRandom } from '../../src/random.ts';
import {
  type ExampleSet,
  type LabelledText,
  readShippedExamples,
  writeExampleSet,
} from './example-set.ts';

/** So many of the shipped examples, of all classes alike; where there are not enough, the others are put together from them. */
export function makeExamples(place: string, count: number): ExampleSet {
  const shipped = readShippedExamples();
  const kept = draw(shipped, count);
  const examples = [...kept, ...recombine(shipped, count - kept.length)];
  return writeExampleSet(place, { name: `${count}-examples`, examples });
}

/** So many of the shipped examples in so many classes of one size: their list, which goes class by class, is cut into pieces. */
export function makeClasses(
  place: string,
  { classes, examples }: { readonly classes: number; readonly examples: number },
): ExampleSet {
  const drawn = draw(readShippedExamples(), examples);
  const labelled = drawn.map(({ text }, position) => ({
    text,
    class: `class-${Math.floor((position * classes) / drawn.length) + 1}`,
  }));
  return writeExampleSet(place, { name: `${classes}-classes`, examples: labelled });
}

/** So many of them, evenly; all where there are not more. */
function draw(examples: readonly LabelledText[], count: number): LabelledText[] {
  const most = Math.min(count, examples.length);
  const before = (position: number) => Math.floor((position * most) / examples.length);
  return examples.filter((_, position) => before(position + 1) > before(position));
}

/** The first half of one example and the second of another of its class; no text twice. */
function recombine(examples: readonly LabelledText[], count: number): LabelledText[] {
  const random = createRandom(1);
  const pick = (from: readonly LabelledText[]) =>
    from[Math.floor(random() * from.length)] as LabelledText;
  const known = new Set(examples.map(({ text }) => normaliseText(text)));
  const ofClass = new Map<string, LabelledText[]>();
  for (const example of examples) {
    ofClass.set(example.class, [...(ofClass.get(example.class) ?? []), example]);
  }
  const made: LabelledText[] = [];
  while (made.length < count) {
    const first = pick(examples);
    const second = pick(ofClass.get(first.class) ?? examples);
    const text = `${halvesOf(first.text)[0]} ${halvesOf(second.text)[1]}`.trim();
    const normalised = normaliseText(text);
    if (known.has(normalised)) continue;
    known.add(normalised);
    made.push({ text, class: first.class });
  }
  return made;
}

function halvesOf(text: string): [first: string, second: string] {
  const words = text.split(' ');
  const middle = Math.ceil(words.length / 2);
  return [words.slice(0, middle).join(' '), words.slice(middle).join(' ')];
}
