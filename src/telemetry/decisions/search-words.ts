/** What the index takes for parts of words: letters, digits, the marks on them, and private use. */
const words = /[\p{L}\p{N}\p{M}\p{Co}]+/gu;

/** Letters of scripts that put no spaces between words; the index takes all up to the next space for one. */
const unspaced = /(?=[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Hang}])\p{L}\p{M}*/gu;

/** A text with each of those letters a word of its own; undefined where it has none. */
export function toSearchText(text: string): string | undefined {
  const spaced = text.replace(unspaced, ' $& ');
  return spaced === text ? undefined : spaced;
}

/** The words of a search, none of which can be taken for an operator. Undefined when there is none. */
export function toFullTextQuery(search: string): string | undefined {
  // Several words in quotes are to follow one another.
  return search
    .match(words)
    ?.map((word) => `"${toSearchText(word) ?? word}"`)
    .join(' ');
}
