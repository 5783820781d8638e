// Readers for what a client may have written wrongly.
import { asJsonObject, type JsonObject } from '../json.ts';
import { Untranslatable } from './untranslatable.ts';

export function noEquivalent(what: string): Untranslatable {
  return new Untranslatable(`${what} has no equivalent there`);
}

export function readText(value: unknown, what: string): string {
  if (typeof value === 'string') return value;
  throw new Untranslatable(`${what} is not a string`);
}

export function readNumber(value: unknown, what: string): number {
  if (typeof value === 'number') return value;
  throw new Untranslatable(`${what} is not a number`);
}

export function readFlag(value: unknown, what: string): boolean {
  if (typeof value === 'boolean') return value;
  throw new Untranslatable(`${what} is not a boolean`);
}

export function readList(value: unknown, what: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new Untranslatable(`${what} is not a list`);
}

/** The object without what is null, which means the same as absent. */
export function readObject(value: unknown, what: string): JsonObject {
  const object = asJsonObject(value);
  if (object === undefined) throw new Untranslatable(`${what} is not an object`);
  return Object.fromEntries(Object.entries(object).filter(([, member]) => member !== null));
}

/** Every list of content may also be written as one string. */
export function readBlocks(content: unknown, what: string): readonly JsonObject[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  return readList(content, what).map((block) => readObject(block, `a block of ${what}`));
}

/** A name of the client's, for a reason. Reasons are shown and logged, so nothing odd gets in. */
export function quoteName(name: unknown): string {
  return typeof name === 'string' && /^[\w.-]{1,64}$/.test(name) ? `\`${name}\`` : 'one unknown';
}
