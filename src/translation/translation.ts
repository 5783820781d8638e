// From the protocol that a client speaks to the one that a provider speaks, and back.
import type { JsonObject } from '../json.ts';

/** A request in the provider's protocol, or why there is none that means the same. */
export type TranslatedRequest =
  /** Without `model`, which the router sets. */
  | { readonly kind: 'translated'; readonly body: JsonObject }
  /** A short clause for the plan: "`logprobs` has no equivalent there". */
  | { readonly kind: 'untranslatable'; readonly reason: string };

/** What a request can't say about the model that is to serve it. */
export interface TranslationTarget {
  /** Tokens that the model may write; undefined when nobody knows. */
  readonly maxOutputTokens: number | undefined;
}

/** One server-sent event. */
export interface StreamFrame {
  readonly event?: string | undefined;
  readonly data: string;
}

/** Turns the events of one stream, one by one, into the client's. */
export interface StreamTranslator {
  /**
   * The client's events for one event of the provider; none for what has no equivalent. What ends the provider's
   * stream ends the client's, once. Never given errors, comments or pings. Throws Error when the event makes no sense.
   */
  push(frame: StreamFrame): StreamFrame[];
}

/** The one explicit way between two protocols. Its functions change nothing that they are given. */
export interface Translation {
  request(body: JsonObject, target: TranslationTarget): TranslatedRequest;
  /** A whole reply, as the client expects it for this request. Throws Error when the reply makes no sense. */
  reply(body: JsonObject, request: JsonObject): JsonObject;
  /** For the streamed reply to this request of the client's. */
  openStream(request: JsonObject): StreamTranslator;
}
