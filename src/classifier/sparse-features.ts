import { toAskedText } from './asked-text.ts';
import { viewsOfAsked } from './views.ts';

const maxWordsPerView = 60;
/** So many words from an end a word counts 1/e of one that stands there. */
const reachInWords = 10;
const word = /[\p{L}\p{N}']+|\?|```/gu;
const code = /```|[{};]\s*\n|=>|\(\)|<\/?[a-z]+>/;

/**
 * How much each feature speaks in a text: words and word pairs of its views, how it opens and ends, and
 * what it looks like. The vectors know what a text is about; these know what is to be done with it. That is said at
 * the ends of a text: a word counts e^(−distance / 10), the distance being in words from the nearer end.
 */
export function toSparseFeatures(text: string): Map<string, number> {
  const features = new Map<string, number>();
  const add = (feature: string, weight: number): void => {
    features.set(feature, (features.get(feature) ?? 0) + weight);
  };
  const asked = toAskedText(text);
  const views = viewsOfAsked(asked).map(toWords);
  for (const [index, words] of views.entries()) {
    for (const [position, current] of words.entries()) {
      const fromStart = index === 0 ? position : Number.POSITIVE_INFINITY;
      const fromEnd = index === views.length - 1 ? words.length - 1 - position : fromStart;
      const weight = Math.exp(-Math.min(fromStart, fromEnd) / reachInWords);
      add(current, weight);
      if (position > 0) add(`${words[position - 1]} ${current}`, weight);
    }
  }
  const opening = views[0] ?? [];
  add(`^${opening[0] ?? ''}`, 1);
  add(`^${opening.slice(0, 2).join(' ')}`, 1);
  add(`$${views.at(-1)?.at(-1) ?? ''}`, 1);
  add(`#length ${magnitude(asked.length, 1.5)}`, 1);
  add(`#lines ${magnitude(asked.split('\n', 64).length, 1)}`, 1);
  if (code.test(asked)) add('#code', 1);
  if (asked.endsWith('?')) add('#question', 1);
  if (/[^\p{ASCII}]{3}/u.test(asked)) add('#foreign', 1);
  return features;
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
  const words = view.normalize('NFKC').toLowerCase().match(word) ?? [];
  return words.slice(0, maxWordsPerView).map((found) => (/^\d+$/.test(found) ? '0' : found));
}

function magnitude(count: number, step: number): number {
  return Math.min(6, Math.floor(Math.log2(count + 1) / step));
}
