/** What the index takes for parts of words: letters, digits, the marks on them, and private use. */
const words = /[\p{L}\p{N}\p{M}\p{Co}]+/gu;

/** The words of a search, none of which can be taken for an operator. Undefined when there is none. */
export function toFullTextQuery(search: string): string | undefined {
  return search
    .match(words)
    ?.map((word) => `"${word}"`)
    .join(' ');
}
