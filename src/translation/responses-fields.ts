// The readers of a request for what is named by its path in the body: `input[0].content`.
import type { JsonObject } from '../json.ts';
import * as fields from './request-fields.ts';

export const readString = byPath(fields.readString);
export const readNumber = byPath(fields.readNumber);
export const readBoolean = byPath(fields.readBoolean);
export const readObject = byPath(fields.readObject);
export const readList = byPath(fields.readList);

/** Throws for the first member that is there, but not among the `known`. */
export function refuseOthers(members: JsonObject, known: readonly string[], path: string): void {
  const other = Object.keys(fields.withoutNulls(members)).find((name) => !known.includes(name));
  if (other !== undefined) fields.refuseNamed(`${path}.${other}`);
}

function byPath<T>(read: fields.Reader<T>): fields.Reader<T> {
  return (value, path) => read(value, `\`${path}\``);
}
