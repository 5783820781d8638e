import { asCount, asJsonObject, type JsonObject } from '../json.ts';
import { toAnthropicCallId } from './call-ids.ts';
import { toFilledString } from './chat-reply-fields.ts';
import { createId } from './fresh-id.ts';

interface MessageParts {
  readonly content: readonly JsonObject[];
  /** Null at the start of a stream. */
  readonly stopReason: string | null;
  /** OpenAI's. */
  readonly usage: unknown;
}

/**
 * Anthropic's message, named as the completion (or chunk of one) is, and otherwise as the request
 * asked for it. `stop_sequence` stays null: OpenAI doesn't tell which one it met.
 */
export function toAnthropicMessage(
  completion: JsonObject,
  request: JsonObject,
  { content, stopReason, usage }: MessageParts,
): JsonObject {
  return {
    id: toFilledString(completion['id']) ?? createId('msg'),
    type: 'message',
    role: 'assistant',
    model: completion['model'] ?? request['model'],
    content,
    stop_reason: stopReason,
    stop_sequence: null,
    usage: toAnthropicUsage(usage),
  };
}

/** Anthropic counts what came from the cache apart from the input, OpenAI as a part of it. */
export function toAnthropicUsage(value: unknown): JsonObject {
  const usage = asJsonObject(value) ?? {};
  const cached = asCount(asJsonObject(usage['prompt_tokens_details'])?.['cached_tokens']) ?? 0;
  return {
    input_tokens: Math.max(0, (asCount(usage['prompt_tokens']) ?? 0) - cached),
    output_tokens: asCount(usage['completion_tokens']) ?? 0,
    cache_read_input_tokens: cached,
    cache_creation_input_tokens: 0,
  };
}

/** Some servers have no id for a call, but the client needs one to send its result. */
export function toToolUseId(id: string | undefined): string {
  return id === undefined ? createId('toolu') : toAnthropicCallId(id);
}
