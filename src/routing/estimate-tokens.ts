import { countRoughly } from './count-roughly.ts';

/** A rough count of what a request's texts cost a model, for context windows and not for bills: rather too high. */
export function estimateTokens(prompt: readonly unknown[]): number {
  let tokens = 0;
  // A stack of our own: a hostile body nests deeper than calls can.
  const pending: unknown[] = [...prompt];
  while (pending.length > 0) {
    const value = pending.pop();
    if (typeof value === 'string') tokens += tokensOf(value);
    else if (Array.isArray(value)) for (const item of value) pending.push(item);
    else if (typeof value === 'object' && value !== null) {
      tokens += perObject;
      for (const [key, item] of Object.entries(value)) {
        tokens += wrappers.has(key) ? 0 : 1;
        pending.push(item);
      }
    } else if (value !== undefined && value !== null) tokens += 1;
  }
  return Math.ceil(tokens);
}

/** What a chat template puts around a message, a part or a property. */
const perObject = 3;
/** Keys that stand for their values. */
const wrappers = new Set(['role', 'content', 'type', 'text']);

/** An image costs by its area, not by its bytes: about this many where it is large. */
const perImage = 1_600;
const imageData = /^(data:[\w.+-]+\/|[A-Za-z0-9+/]{512})/;

const longestCounted = 32_000;
const samples = 32;

/** Of a long text, pieces at equal distances are counted, its two ends among them, and stand for the others. */
function tokensOf(text: string): number {
  if (imageData.test(text)) return perImage;
  if (text.length <= longestCounted) return countRoughly(text, 0, text.length);
  const piece = longestCounted / samples;
  const distance = (text.length - piece) / (samples - 1);
  let tokens = 0;
  for (let sample = 0; sample < samples; sample += 1) {
    const from = Math.floor(sample * distance);
    tokens += countRoughly(text, from, from + piece);
  }
  return (tokens * text.length) / longestCounted;
}
