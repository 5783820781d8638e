// A request is read depth first, and whatever has no equivalent ends the reading: thrown, because
// results would have to be handed up through every part of every message. Caught in one place.

import type { JsonObject } from '../json.ts';

/** Why a chat request can't be said in the other protocol; the message is the reason. */
export class ChatUntranslatable extends Error {
  override readonly name = 'ChatUntranslatable';
}

export function refuse(reason: string): never {
  throw new ChatUntranslatable(reason);
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
