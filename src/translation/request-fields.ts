// Readers for what a client may have written wrongly, whatever it speaks. `what` is the place as a reason names it:
// "`text` of a block".
import { asJsonObject, type JsonObject } from '../json.ts';
import { Untranslatable } from './untranslatable.ts';

/** Reads a value that is there, or throws Untranslatable. */
export type Reader<T> = (value: unknown, what: string) => T;

export const readString: Reader<string> = (value, what) =>
  typeof value === 'string' ? value : refuse(`${what} is not a string`);

export const readNumber: Reader<number> = (value, what) =>
  typeof value === 'number' ? value : refuse(`${what} is not a number`);

export const readBoolean: Reader<boolean> = (value, what) =>
  typeof value === 'boolean' ? value : refuse(`${what} is not a boolean`);

export const readList: Reader<readonly unknown[]> = (value, what) =>
  Array.isArray(value) ? value : refuse(`${what} is not a list`);

export const readObject: Reader<JsonObject> = (value, what) =>
  asJsonObject(value) ?? refuse(`${what} is not an object`);

/** An object without what is null, which means the same as absent in every protocol. */
export const readFields: Reader<JsonObject> = (value, what) =>
  withoutNulls(readObject(value, what));

export function readOptional<T>(read: Reader<T>, value: unknown, what: string): T | undefined {
  return isAbsent(value) ? undefined : read(value, what);
}

export function isAbsent(value: unknown): value is null | undefined {
  return value === null || value === undefined;
}

/** The members that are there. */
export function withoutNulls(object: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => !isAbsent(value)));
}

export function refuse(reason: string): never {
  throw new Untranslatable(reason);
}

export function noEquivalent(what: string): Untranslatable {
  return new Untranslatable(`${what} has no equivalent there`);
}

export function refuseNamed(name: unknown): never {
  throw noEquivalent(quoteName(name));
}

/** A name of the client's, for a reason. Reasons are shown and logged: nothing long or odd gets in. */
export function quoteName(name: unknown): string {
  const shown = typeof name === 'string' ? name.slice(0, 64) : '';
  return /^[\w .:/[\]-]+$/.test(shown) ? `\`${shown}\`` : 'one unknown';
}
