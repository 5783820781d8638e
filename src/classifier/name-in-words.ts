const words = /\p{Lu}?\p{Ll}+|\p{Lu}+(?!\p{Ll})|\p{Lo}+/gu;
/** With fewer letters a name is a label: it says nothing about what belongs to the class. */
const leastLetters = 3;

/** What the name of a class says: `card_arrival`, `cardArrival` and `card-arrival` are "card arrival". Undefined for mere labels like `c17`. */
export function nameInWords(className: string): string | undefined {
  const found = className.match(words) ?? [];
  return found.join('').length < leastLetters ? undefined : found.join(' ').toLowerCase();
}
