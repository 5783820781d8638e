// What the reply and the events of a stream have in common: the object `response`.
import { asCount, asJsonObject, type JsonObject } from '../json.ts';
import { toFilledString } from './chat-reply-fields.ts';
import { toIdStem, toUnkeptId } from './response-ids.ts';

/** What stays the same from the first event to the last. */
export interface ResponseHead {
  /** Of all ids in the response. */
  readonly idStem: string;
  /** Seconds since the epoch. */
  readonly createdAt: number;
  readonly model: string;
}

export type ResponseStatus =
  | { readonly kind: 'in_progress' }
  | { readonly kind: 'completed' }
  | { readonly kind: 'incomplete'; readonly reason: 'max_output_tokens' | 'content_filter' };

export interface ResponseState {
  readonly status: ResponseStatus;
  readonly output: readonly JsonObject[];
  /** Of the Responses API. */
  readonly usage: JsonObject | null;
}

/** From a chat completion, or the first chunk of one; `nowMs` since the epoch. */
export function toResponseHead(chat: JsonObject, request: JsonObject, nowMs: number): ResponseHead {
  return {
    idStem: toIdStem(chat['id']),
    createdAt: Math.floor(nowMs / 1000),
    model: toFilledString(chat['model']) ?? toFilledString(request['model']) ?? '',
  };
}

/**
 * The object `response` for a request to the Responses API, which it echoes as SDKs expect it.
 * https://platform.openai.com/docs/api-reference/responses/object
 */
export function toResponse(
  request: JsonObject,
  { idStem, createdAt, model }: ResponseHead,
  { status, output, usage }: ResponseState,
): JsonObject {
  return {
    id: toUnkeptId('resp', idStem),
    object: 'response',
    created_at: createdAt,
    status: status.kind,
    error: null,
    incomplete_details: status.kind === 'incomplete' ? { reason: status.reason } : null,
    instructions: request['instructions'] ?? null,
    max_output_tokens: request['max_output_tokens'] ?? null,
    metadata: request['metadata'] ?? {},
    model,
    output,
    parallel_tool_calls: request['parallel_tool_calls'] ?? true,
    previous_response_id: null,
    reasoning: { effort: asJsonObject(request['reasoning'])?.['effort'] ?? null, summary: null },
    store: false,
    temperature: request['temperature'] ?? null,
    text: toTextConfig(request['text']),
    tool_choice: request['tool_choice'] ?? 'auto',
    tools: request['tools'] ?? [],
    top_p: request['top_p'] ?? null,
    truncation: 'disabled',
    usage,
    user: request['user'] ?? null,
  };
}

/** The status for the `finish_reason` of a chat. */
export function toResponseStatus(finishReason: unknown): ResponseStatus {
  if (finishReason === 'length') return { kind: 'incomplete', reason: 'max_output_tokens' };
  if (finishReason === 'content_filter') return { kind: 'incomplete', reason: 'content_filter' };
  return { kind: 'completed' };
}

/** The usage of a chat, counted as the Responses API does; null when there is none. */
export function toResponseUsage(value: unknown): JsonObject | null {
  const usage = asJsonObject(value);
  if (usage === undefined) return null;
  const input = asCount(usage['prompt_tokens']) ?? 0;
  const output = asCount(usage['completion_tokens']) ?? 0;
  const inputDetails = asJsonObject(usage['prompt_tokens_details']);
  const outputDetails = asJsonObject(usage['completion_tokens_details']);
  return {
    input_tokens: input,
    input_tokens_details: { cached_tokens: asCount(inputDetails?.['cached_tokens']) ?? 0 },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: asCount(outputDetails?.['reasoning_tokens']) ?? 0 },
    total_tokens: asCount(usage['total_tokens']) ?? input + output,
  };
}

function toTextConfig(value: unknown): JsonObject {
  const text = asJsonObject(value);
  return { ...text, format: text?.['format'] ?? { type: 'text' } };
}
