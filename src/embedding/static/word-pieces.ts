// The pieces of a BERT vocabulary that a text consists of: the same as the encoder's own tokenizer finds, light
// enough for the event loop.

export interface Vocabulary {
  /** The id of every piece; those that continue a word begin with "##". */
  readonly ids: ReadonlyMap<string, number>;
  /** Pieces that stand for themselves wherever they are in a text, "[MASK]" for one. */
  readonly special: readonly string[];
  /** Stands for a word that has no pieces. */
  readonly unknownId: number;
  /** A word with more characters has no pieces. */
  readonly longestWord: number;
}

/** Of those that are not pieces themselves, how many are remembered: whoever asks uses few of them again and again. */
const mostWords = 20_000;

const asciiOnly = /^[\t\n\r\x20-\x7e]*$/;
/** Control and private characters, and halves of pairs; not those that separate words. */
const removed = /(?![\t\n\r])[\uFFFD\p{Cc}\p{Cf}\p{Co}\p{Cs}]/gu;
const ideograph = /[\u3400-\u4DBF\u4E00-\u9FFF\uF900-\uFAFF]/g;
const accent = /\p{Mn}/gu;
const wordOrSign = /[^\s\p{P}!-/:-@[-`{-~]+|[\p{P}!-/:-@[-`{-~]/gu;

/** Gives a function from a text to the ids of its pieces, in order, without what opens and closes an input. */
export function createWordPieces(vocabulary: Vocabulary): (text: string) => number[] {
  const { ids, special, unknownId } = vocabulary;
  const escaped = special.map((piece) => piece.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  const specials = new RegExp(`(${escaped.join('|')})`);
  const longestPiece = Math.max(...[...ids.keys()].map(({ length }) => length));
  const known = new Map<string, readonly number[]>();

  function piecesOf(word: string): readonly number[] {
    const remembered = known.get(word);
    if (remembered !== undefined) return remembered;
    const pieces = cut(word, longestPiece, vocabulary) ?? [unknownId];
    if (known.size === mostWords) known.clear();
    known.set(word, pieces);
    return pieces;
  }

  return (text) => {
    const found: number[] = [];
    for (const [position, part] of text.split(specials).entries()) {
      // What a pattern in brackets splits at stands at every second position.
      if (position % 2 === 1) {
        found.push(ids.get(part) ?? unknownId);
        continue;
      }
      for (const word of normalise(part).match(wordOrSign) ?? []) {
        const whole = ids.get(word);
        if (whole !== undefined) found.push(whole);
        else for (const piece of piecesOf(word)) found.push(piece);
      }
    }
    return found;
  };
}

function normalise(text: string): string {
  if (asciiOnly.test(text)) return text.toLowerCase();
  return text
    .replace(removed, '')
    .replace(ideograph, ' $& ')
    .toLowerCase()
    .normalize('NFD')
    .replace(accent, '');
}

/** The longest piece that the word begins with, then the longest of what is left; undefined where there is none. */
function cut(
  word: string,
  longestPiece: number,
  { ids, longestWord }: Vocabulary,
): number[] | undefined {
  if (word.length > longestWord && [...word].length > longestWord) return undefined;
  const found: number[] = [];
  for (let start = 0; start < word.length; ) {
    let end = Math.min(word.length, start + longestPiece);
    let id: number | undefined;
    for (; id === undefined && end > start; end -= 1) {
      const piece = word.slice(start, end);
      id = ids.get(start === 0 ? piece : `##${piece}`);
    }
    if (id === undefined) return undefined;
    found.push(id);
    start = end + 1;
  }
  return found;
}
