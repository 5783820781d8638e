import type { z } from 'zod';
import type { Capability } from '../config/schema.ts';
import type { JsonObject } from '../json.ts';
import type { Protocol } from '../protocol.ts';
import type { ChatMessage } from '../routing/conversation/read-conversation.ts';

/** What the router reads of a request, whatever protocol it came in; everything else passes through untouched. */
export interface Question {
  readonly model: string;
  readonly messages: readonly ChatMessage[];
  readonly stream: boolean;
  /** Everything that the model will have to read, to be counted. */
  readonly prompt: readonly unknown[];
  /** Tokens that the reply may have; undefined when the request does not say. */
  readonly replyTokens: number | undefined;
  /** What the model must be able to do. */
  readonly needs: readonly Capability[];
}

/** An endpoint's protocol, as far as the router has to understand it. */
export interface Door<Body extends JsonObject = JsonObject> {
  readonly protocol: Protocol;
  readonly schema: z.ZodType<Body>;
  read(body: Body): Question;
  /** Headers of the client's that providers of the same protocol get. */
  readonly forwardedHeaders: readonly string[];
  /** More for the error when no model could be asked: what the SDK goes by. */
  explainUnserved?(body: Body): object;
}

/** The capabilities whose condition holds; those left out do not. */
export function needed(conditions: Readonly<Partial<Record<Capability, unknown>>>): Capability[] {
  const capabilities = Object.keys(conditions) as Capability[];
  return capabilities.filter((capability) => Boolean(conditions[capability]));
}

/** What a request about structured output looks like where it asks for a schema. */
export function asksForSchema(format: unknown): boolean {
  return (
    typeof format === 'object' &&
    format !== null &&
    'type' in format &&
    format.type === 'json_schema'
  );
}
