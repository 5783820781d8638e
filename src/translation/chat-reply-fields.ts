// Readers for what a server of chat completions may write in ways of its own.
import { asJsonObject } from '../json.ts';

/**
 * The text of a message's or a delta's `content`, `refusal` or `arguments`; empty when there is none. Throws Error for
 * what isn't text, with the `name` of the field.
 */
export function readChatText(value: unknown, name: string): string {
  if (typeof value === 'string') return value;
  if (value === null || value === undefined) return '';
  if (!Array.isArray(value)) throw new Error(`\`${name}\` of the reply is not a text`);
  // Mistral's reasoning models write lists of parts, of which those that think are left out.
  // https://docs.mistral.ai/studio-api/conversations/reasoning
  const texts = value.map(asJsonObject).filter((part) => part?.['type'] === 'text');
  return texts.map((part) => readChatText(part?.['text'], name)).join('');
}

/** Some servers write an empty string for what they don't know. */
export function toFilledString(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
