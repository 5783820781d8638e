import type { JsonObject } from '../json.ts';
import { Untranslatable } from './untranslatable.ts';

export function refuse(reason: string): never {
  throw new Untranslatable(reason);
}

/** For a field or a type that the client chose; its name may be of any length. */
export function refuseNamed(name: unknown): never {
  refuse(`\`${String(name).slice(0, 64)}\` has no equivalent there`);
}

/** The members that have a value: OpenAI reads null as absent. */
export function withoutNulls(object: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(object).filter(([, value]) => value !== null && value !== undefined),
  );
}
