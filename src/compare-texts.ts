/** An order of texts that is the same on every machine: by their code units. For `sort`. */
export function compareTexts(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
