import { asJsonObject, type JsonObject } from '../json.ts';
import { toChatFinishReason } from './chat-finish-reason.ts';
import { toChatUsage } from './messages-to-chat-usage.ts';

/**
 * A whole reply of Anthropic's Messages as a chat completion. Blocks that chat has no place for are
 * left out: encrypted thinking, and tools that the provider runs itself. Thinking becomes
 * `reasoning_content`, the name that open models' servers gave it. `created` is in seconds since the
 * epoch. Throws Error when the reply is not a message.
 * https://platform.claude.com/docs/en/api/messages
 */
export function toChatReply(message: JsonObject, created: number): JsonObject {
  const { id, model, content, stop_reason: stopReason } = message;
  if (typeof id !== 'string' || typeof model !== 'string' || !Array.isArray(content)) {
    throw new Error('The reply is not a message: `id`, `model` or `content` is missing.');
  }
  const blocks = content.map(readBlock);
  const usage = asJsonObject(message['usage']);
  return {
    id,
    object: 'chat.completion',
    created,
    model,
    choices: [
      {
        index: 0,
        message: toChatMessage(blocks),
        logprobs: null,
        finish_reason: toChatFinishReason(stopReason),
      },
    ],
    ...(usage === undefined ? {} : { usage: toChatUsage(usage) }),
  };
}

function readBlock(value: unknown): JsonObject {
  const block = asJsonObject(value);
  if (block === undefined) throw new Error('A block of the reply is not an object.');
  return block;
}

function toChatMessage(blocks: readonly JsonObject[]): JsonObject {
  const text = joinTexts(blocks, 'text');
  const thinking = joinTexts(blocks, 'thinking');
  const calls = blocks.filter(({ type }) => type === 'tool_use').map(toToolCall);
  return {
    role: 'assistant',
    content: text === '' ? null : text,
    ...(thinking === '' ? {} : { reasoning_content: thinking }),
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
    refusal: null,
  };
}

/** A block's text is in the field that is named as its type. */
function joinTexts(blocks: readonly JsonObject[], type: 'text' | 'thinking'): string {
  const texts = blocks.filter((block) => block['type'] === type).map((block) => block[type]);
  if (!texts.every((text) => typeof text === 'string')) {
    throw new Error(`A block of type '${type}' is without its text.`);
  }
  return texts.join('');
}

function toToolCall({ id, name, input }: JsonObject): JsonObject {
  if (typeof id !== 'string' || typeof name !== 'string') {
    throw new Error('A tool call of the reply is without id or name.');
  }
  return { id, type: 'function', function: { name, arguments: JSON.stringify(input ?? {}) } };
}
