import type { Random } from '../random.ts';

/** Changes that leave a prompt's meaning alone, so that its class should stay, too. */
export const perturbations: Readonly<Record<string, (text: string, random: Random) => string>> = {
  'lower case': (text) => text.toLowerCase(),
  capitals: (text) => text.toUpperCase(),
  typos: mistype,
  please: (text) => `Could you please help me with this: ${text}`,
  greeting: (text) => `Hi there! ${text}`,
  thanks: (text) => `${text}\nThanks a lot!`,
  quotes: (text) => `"${text}"`,
};

const wordsPerTypo = 8;

/** Swaps two neighbouring letters in every eighth word or so, at least in one where there is a word to mistype. */
function mistype(text: string, random: Random): string {
  const words = [...text.matchAll(/\p{L}{4,}/gu)];
  const start = Math.floor(random() * Math.min(wordsPerTypo, words.length));
  const letters = [...text.split('')];
  for (let index = start; index < words.length; index += wordsPerTypo) {
    const word = words[index];
    if (word === undefined) continue;
    const at = word.index + 1 + Math.floor(random() * (word[0].length - 2));
    letters.splice(at, 2, letters[at + 1] ?? '', letters[at] ?? '');
  }
  return letters.join('');
}
