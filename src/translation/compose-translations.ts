import type { JsonObject } from '../json.ts';
import type { Translation } from './translation.ts';

/**
 * From the client of `outer` to the provider of `inner`, over the protocol between them. A request that either can't
 * translate is untranslatable; `reply` and `openStream` throw Error for a request that `outer` can't translate.
 */
export function composeTranslations(outer: Translation, inner: Translation): Translation {
  return {
    request(body, target) {
      const between = outer.request(body, target);
      return between.kind === 'translated' ? inner.request(between.body, target) : between;
    },
    reply: (body, request) => outer.reply(inner.reply(body, toInner(outer, request)), request),
    openStream(request) {
      const innerStream = inner.openStream(toInner(outer, request));
      const outerStream = outer.openStream(request);
      return {
        push: (frame) => innerStream.push(frame).flatMap((between) => outerStream.push(between)),
      };
    },
  };
}

/** Translated anew for the way back: kept, it would tie the translation to one request. */
function toInner(outer: Translation, request: JsonObject): JsonObject {
  // The target bounds what the model may write, which the way back has no use for.
  const between = outer.request(request, { maxOutputTokens: undefined });
  if (between.kind === 'translated') return between.body;
  throw new Error(`the request can't be translated: ${between.reason}`);
}
