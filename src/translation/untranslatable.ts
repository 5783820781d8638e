// A request is read depth first, through messages, blocks and tools, and whatever has no equivalent ends the reading: it is
// thrown, since handing "value or reason" up through every level would hide what each level does. Caught here.
import type { JsonObject } from '../json.ts';
import { nestsTooDeeply } from './nesting.ts';
import type { TranslatedRequest } from './translation.ts';

/** Why a request has no equivalent in the other protocol; the message is the reason. */
export class Untranslatable extends Error {
  override readonly name = 'Untranslatable';
}

/** What the conversion of a body gives, or the first reason why there is nothing to give. */
export function translatedOrReason(
  body: JsonObject,
  convert: (body: JsonObject) => JsonObject,
): TranslatedRequest {
  if (nestsTooDeeply(body)) return { kind: 'untranslatable', reason: 'the body nests too deeply' };
  try {
    return { kind: 'translated', body: convert(body) };
  } catch (error) {
    if (!(error instanceof Untranslatable)) throw error;
    return { kind: 'untranslatable', reason: error.message };
  }
}
