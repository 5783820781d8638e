/** Nobody means a name by anything longer, and comparing takes time by its length. */
const longestWord = 200;

/** The known word nearest to a mistyped one, or undefined when none is near enough to be meant. */
export function suggest(word: string, known: Iterable<string>): string | undefined {
  if (word.length > longestWord) return undefined;
  let best: { word: string; edits: number } | undefined;
  for (const candidate of known) {
    const edits = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (best === undefined || edits < best.edits) best = { word: candidate, edits };
  }
  return best !== undefined && best.edits <= Math.max(1, Math.floor(word.length / 3))
    ? best.word
    : undefined;
}

/** ` (did you mean "x"?)`, or nothing: ready to be appended to a message. */
export function didYouMean(word: string, known: Iterable<string>): string {
  const suggestion = suggest(word, known);
  return suggestion === undefined ? '' : ` (did you mean "${suggestion}"?)`;
}

/** Levenshtein distance in which two letters that changed places count once (optimal string alignment). */
function editDistance(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, column) => column)];
  const cost = (row: number, column: number): number => rows[row]?.[column] ?? 0;
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    rows.push(current);
    for (let column = 1; column <= b.length; column += 1) {
      const isSame = a[row - 1] === b[column - 1];
      const isSwapped = a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      current.push(
        Math.min(
          cost(row - 1, column - 1) + (isSame ? 0 : 1),
          cost(row - 1, column) + 1,
          cost(row, column - 1) + 1,
          row > 1 && column > 1 && isSwapped ? cost(row - 2, column - 2) + 1 : Infinity,
        ),
      );
    }
  }
  return cost(a.length, b.length);
}
