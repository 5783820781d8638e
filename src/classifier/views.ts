import { toAskedText } from './asked-text.ts';

/** Characters at either end. The encoder's cost grows with the length; two such ends cost less than half of its window. */
const edge = 160;
/** A line with fewer characters is not yet the instruction. */
const shortestParagraph = 15;

/**
 * What the encoder reads of a text: all of a short one; else the paragraph that opens it and the one that closes it,
 * where instructions stand, and not the material that is pasted between. Each view has at most 160 characters.
 */
export function toViews(text: string): readonly string[] {
  return viewsOfAsked(toAskedText(text));
}

/** The same of a text without what changes nothing. */
export function viewsOfAsked(asked: string): readonly string[] {
  if (asked.length <= edge) return [asked];
  if (asked.length <= 2 * edge && !asked.includes('\n')) return [asked];
  return [openingOf(asked.slice(0, edge)), closingOf(asked.slice(-edge))];
}

function openingOf(start: string): string {
  const end = start.indexOf('\n', shortestParagraph);
  return (end === -1 ? start : start.slice(0, end)).trim();
}

function closingOf(end: string): string {
  const breakAt = end.lastIndexOf('\n', end.length - shortestParagraph);
  return (breakAt === -1 ? end : end.slice(breakAt + 1)).trim();
}

/** One unit vector for the views of a text: their direction in the mean, or the first where they cancel out. */
export function meanOfViews(vectors: readonly Float32Array[]): Float32Array {
  const [first] = vectors;
  if (first === undefined) throw new RangeError('A text without views has no vector.');
  if (vectors.length === 1) return first;
  const mean = new Float32Array(first.length);
  for (const vector of vectors) {
    for (let i = 0; i < mean.length; i += 1) mean[i] = (mean[i] as number) + (vector[i] as number);
  }
  let squares = 0;
  for (let i = 0; i < mean.length; i += 1) squares += (mean[i] as number) ** 2;
  const length = Math.sqrt(squares);
  return length === 0 ? first : mean.map((value) => value / length);
}
