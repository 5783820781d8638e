// Which of the texts that wait go through the model together.
import type { SentenceEncoder, TokenisedText } from './sentence-encoder.ts';

/** A run costs about as much as ten tokens before its first one: beyond that, padding is dearer than another run. */
const maxPadding = 10;
/** Beyond it a token of all-MiniLM-L6 costs half as much again: the activations outgrow the processor's cache. */
const maxRunTokens = 512;

/** Shortest first, in groups that are worth padding to their longest. */
export function planSharedRuns<T extends TokenisedText>(texts: readonly T[]): T[][] {
  const runs: T[][] = [];
  let tokens = 0;
  for (const text of shortestFirst(texts)) {
    const width = text.tokenIds.length;
    const run = runs.at(-1);
    const padded = (run?.length ?? 0) * width;
    if (run === undefined || padded - tokens > maxPadding || padded + width > maxRunTokens) {
      runs.push([text]);
      tokens = width;
    } else {
      run.push(text);
      tokens += width;
    }
  }
  return runs;
}

export function planSingleRuns<T extends TokenisedText>(texts: readonly T[]): T[][] {
  return shortestFirst(texts).map((text) => [text]);
}

function shortestFirst<T extends TokenisedText>(texts: readonly T[]): T[] {
  return texts.toSorted((a, b) => a.tokenIds.length - b.tokenIds.length);
}

/**
 * Whether a text gets the same vector alone and beside others. Not so where int8 activations share one scale a run:
 * there the same text was measured at a cosine of 0.96 to itself, and a decision would depend on who asked meanwhile.
 */
export async function isBatchInvariant(encoder: SentenceEncoder): Promise<boolean> {
  const text = encoder.tokenise('What is the capital of France?');
  const other = encoder.tokenise(
    'for (let i = 0; i < n; i++) { total += prices[i] * 1.19; } // VAT',
  );
  const [alone] = await encoder.encode([text]);
  const [beside] = await encoder.encode([text, other]);
  if (alone === undefined || beside === undefined) return false;
  const similarity = alone.vector.reduce(
    (sum, value, i) => sum + value * (beside.vector[i] ?? 0),
    0,
  );
  return similarity > 0.9995;
}
