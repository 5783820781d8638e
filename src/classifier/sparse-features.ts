import { toAskedText } from './asked-text.ts';
import { toViews } from './views.ts';

const maxWordsPerView = 60;
const word = /[\p{L}\p{N}']+|\?|```/gu;
const code = /```|[{};]\s*\n|=>|\(\)|<\/?[a-z]+>/;

/**
 * How often each feature stands in a text: words and word pairs of its views, how it opens and ends, and
 * what it looks like. The vectors know what a text is about; these know what is to be done with it.
 */
export function toSparseFeatures(text: string): Map<string, number> {
  const features = new Map<string, number>();
  const add = (feature: string): void => {
    features.set(feature, (features.get(feature) ?? 0) + 1);
  };
  const views = toViews(text).map(toWords);
  for (const words of views) {
    for (const [position, current] of words.entries()) {
      add(current);
      if (position > 0) add(`${words[position - 1]} ${current}`);
    }
  }
  const opening = views[0] ?? [];
  add(`^${opening[0] ?? ''}`);
  add(`^${opening.slice(0, 2).join(' ')}`);
  add(`$${views.at(-1)?.at(-1) ?? ''}`);
  const asked = toAskedText(text);
  add(`#length ${magnitude(asked.length, 1.5)}`);
  add(`#lines ${magnitude(asked.split('\n', 64).length, 1)}`);
  if (code.test(asked)) add('#code');
  if (asked.endsWith('?')) add('#question');
  if (/[^\p{ASCII}]{3}/u.test(asked)) add('#foreign');
  return features;
}

function toWords(view: string): string[] {
  const words = view.normalize('NFKC').toLowerCase().match(word) ?? [];
  return words.slice(0, maxWordsPerView).map((found) => (/^\d+$/.test(found) ? '0' : found));
}

function magnitude(count: number, step: number): number {
  return Math.min(6, Math.floor(Math.log2(count + 1) / step));
}
