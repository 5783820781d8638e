import { toAskedText } from './asked-text.ts';
import { viewsOfAsked } from './views.ts';

/** As many as the characters of the longest view; signs that stand for several words could make more. */
const maxWordsPerView = 320;
/** So many words from an end a word counts 1/e of one that stands there. */
const reachInWords = 20;
/** So many words open a text, unless they are half of it: then nearly every word would be told twice. */
const openingWords = 10;
const weightAt = Array.from({ length: maxWordsPerView }, (_, distance) =>
  Math.exp(-distance / reachInWords),
);
/** Scripts without spaces between words, or (Hangul) that join to a word what belongs to it: each sign counts as a word, so that two in a row are a pair. */
const unspaced = ['Han', 'Hiragana', 'Katakana', 'Hangul', 'Thai', 'Lao', 'Khmer', 'Myanmar']
  .map((script) => `\\p{sc=${script}}`)
  .join('');
const word = new RegExp(
  `[${unspaced}]\\p{M}*|[[\\p{L}\\p{M}\\p{N}']--[${unspaced}]]+|\\?|\`\`\``,
  'gv',
);
/** The same of a text that is all ASCII, sooner. */
const asciiWord = /[a-z0-9']+|\?|```/g;
const asciiOnly = /^[\0-\x7f]*$/;
const foreign = /[^\p{ASCII}]{3}/u;
const number = /^\d+$/;
const code = /```|[{};]\s*\n|=>|\(\)|<\/?[a-z]+>/;

/** Told of every feature in turn: the sign of its kind, its word or two that follow each other, and how much it speaks. */
type Visit = (kind: '' | '^' | '$' | '#', first: string, second: string, weight: number) => void;

/**
 * How much each feature speaks in a text: words and word pairs of its views, how it opens and ends, and
 * what it looks like. The vectors know what a text is about; these know what is to be done with it. That is said at
 * the ends of a text: a word counts e^(−distance / 20), the distance being in words from the nearer end.
 */
export function toSparseFeatures(text: string): Map<string, number> {
  const features = new Map<string, number>();
  const asked = toAskedText(text);
  visitFeatures(asked, viewsOfAsked(asked), (kind, first, second, weight) => {
    const feature = second === '' ? kind + first : `${kind}${first} ${second}`;
    features.set(feature, (features.get(feature) ?? 0) + weight);
  });
  return features;
}

/** Visits the features of an asked text with its views; some more than once, then their weights add up. */
export function visitFeatures(asked: string, views: readonly string[], visit: Visit): void {
  const wordsOf = views.map(toWords);
  for (let index = 0; index < wordsOf.length; index += 1) {
    const words = wordsOf[index] as string[];
    const opens = index === 0;
    const closes = index === wordsOf.length - 1;
    for (let position = 0; position < words.length; position += 1) {
      const fromEnd = words.length - 1 - position;
      const distance = opens && closes ? Math.min(position, fromEnd) : opens ? position : fromEnd;
      const weight = weightAt[distance] as number;
      const current = words[position] as string;
      visit('', current, '', weight);
      if (position > 0) visit('', words[position - 1] as string, current, weight);
    }
  }
  const opening = wordsOf[0] ?? [];
  const [first = '', second = ''] = opening;
  visit('^', first, '', 1);
  visit('^', first, second, 1);
  const count = wordsOf.reduce((sum, words) => sum + words.length, 0);
  if (count > 2 * openingWords) {
    for (const each of opening.slice(1, openingWords)) visit('^', each, '', 1);
  }
  visit('$', wordsOf.at(-1)?.at(-1) ?? '', '', 1);
  visit('#', 'length', String(magnitude(asked.length, 1.5)), 1);
  visit('#', 'lines', String(magnitude(asked.split('\n', 64).length, 1)), 1);
  if (code.test(asked)) visit('#', 'code', '', 1);
  if (asked.endsWith('?') || asked.endsWith('？')) visit('#', 'question', '', 1);
  if (!asciiOnly.test(asked) && foreign.test(asked)) visit('#', 'foreign', '', 1);
}

/** A sparse feature for people: words in a row, how the text opens or ends, or what it looks like. */
export interface NamedFeature {
  readonly kind: 'words' | 'opening' | 'ending' | 'form';
  readonly text: string;
}

const kindOf: Readonly<Record<string, NamedFeature['kind']>> = {
  '^': 'opening',
  $: 'ending',
  '#': 'form',
};
/** Long strings of letters count as words. */
const longestName = 40;

/** No word begins with one of the signs that mark the other kinds. */
export function nameFeature(feature: string): NamedFeature {
  const kind = kindOf[feature.charAt(0)];
  const text = kind === undefined ? feature : feature.slice(1);
  const points = [...text];
  const isLong = points.length > longestName;
  return {
    kind: kind ?? 'words',
    text: isLong ? `${points.slice(0, longestName - 1).join('')}…` : text,
  };
}

function toWords(view: string): string[] {
  const found = asciiOnly.test(view)
    ? view.toLowerCase().match(asciiWord)
    : view.normalize('NFKC').toLowerCase().match(word);
  return (found ?? []).slice(0, maxWordsPerView).map((each) => (number.test(each) ? '0' : each));
}

function magnitude(count: number, step: number): number {
  return Math.min(6, Math.floor(Math.log2(count + 1) / step));
}
