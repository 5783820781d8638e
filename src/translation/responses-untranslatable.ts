// Readers for what a client may have written wrongly.
import { asJsonObject, type JsonObject } from '../json.ts';
import { Untranslatable } from './untranslatable.ts';

export function noEquivalent(name: string): Untranslatable {
  return new Untranslatable(`\`${name}\` has no equivalent there`);
}

/** Both APIs take null for a field that isn't there. */
export function isAbsent(value: unknown): value is null | undefined {
  return value === null || value === undefined;
}

export function withoutAbsent(members: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => !isAbsent(value)));
}

/** Throws for the first member that is there, but not among the `known`. */
export function refuseOthers(members: JsonObject, known: readonly string[], path: string): void {
  const other = Object.keys(withoutAbsent(members)).find((name) => !known.includes(name));
  if (other !== undefined) throw noEquivalent(`${path}.${other}`);
}

/** Reads a value that is there, or throws Untranslatable with the `name` of the field. */
export type Reader<T> = (value: unknown, name: string) => T;

export const readString: Reader<string> = (value, name) => {
  if (typeof value === 'string') return value;
  throw new Untranslatable(`\`${name}\` is not a string`);
};

export const readNumber: Reader<number> = (value, name) => {
  if (typeof value === 'number') return value;
  throw new Untranslatable(`\`${name}\` is not a number`);
};

export const readBoolean: Reader<boolean> = (value, name) => {
  if (typeof value === 'boolean') return value;
  throw new Untranslatable(`\`${name}\` is not a boolean`);
};

export const readObject: Reader<JsonObject> = (value, name) => {
  const object = asJsonObject(value);
  if (object !== undefined) return object;
  throw new Untranslatable(`\`${name}\` is not an object`);
};

export const readList: Reader<readonly unknown[]> = (value, name) => {
  if (Array.isArray(value)) return value;
  throw new Untranslatable(`\`${name}\` is not a list`);
};

export function readOptional<T>(read: Reader<T>, value: unknown, name: string): T | undefined {
  return isAbsent(value) ? undefined : read(value, name);
}
