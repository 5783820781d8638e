import type { JsonObject } from '../json.ts';
import { readBlocks, toContentParts } from './anthropic-content-to-chat.ts';
import { fromAnthropicCallId } from './call-ids.ts';
import { readBoolean, readString } from './request-fields.ts';

export interface ToolMessage {
  readonly message: JsonObject;
  /** Images and files, for the user's message after the results: a result is text there. */
  readonly attachments: readonly JsonObject[];
}

/**
 * The message of role `tool` for a `tool_result` block
 * (https://platform.claude.com/docs/en/agents-and-tools/tool-use/handle-tool-calls).
 * Throws Untranslatable.
 */
export function toToolMessage(block: JsonObject): ToolMessage {
  const content = readBlocks(block['content'] ?? [], '`content` of a `tool_result` block');
  const parts = content.flatMap(toContentParts);
  const attachments = parts.filter((part) => part['type'] !== 'text');
  const texts = parts.flatMap(({ text }) => (typeof text === 'string' ? [text] : []));
  if (attachments.length > 0) texts.push('(More of this result follows in a message of the user.)');

  const text = texts.join('\n\n');
  const hasFailed = readBoolean(block['is_error'] ?? false, '`is_error` of a `tool_result` block');
  const message = {
    role: 'tool',
    tool_call_id: fromAnthropicCallId(
      readString(block['tool_use_id'], '`tool_use_id` of a `tool_result` block'),
    ),
    content: hasFailed ? toErrorText(text) : text,
  };
  return { message, attachments };
}

/** OpenAI has no mark for a call that failed, so the text has to say it. */
function toErrorText(text: string): string {
  if (/^\W*error\b/i.test(text)) return text;
  return text === '' ? 'Error' : `Error: ${text}`;
}
