import { asJsonObject, type JsonObject, parseJsonObject } from '../json.ts';
import { toAnthropicMessage, toToolUseId } from './anthropic-message.ts';
import { toStopReason } from './anthropic-stop-reasons.ts';
import { readChatText, toFilledString } from './chat-reply-fields.ts';

/**
 * Anthropic's message for a `chat.completion`
 * (https://platform.openai.com/docs/api-reference/chat/object): its first choice, as no more can
 * have been asked for. Reasoning is left out: a thinking block without Anthropic's signature would
 * be refused when the client sends it back. Throws Error where there is no choice, or a call can't
 * be read.
 */
export function toAnthropicReply(completion: JsonObject, request: JsonObject): JsonObject {
  const choices = Array.isArray(completion['choices']) ? completion['choices'] : [];
  const choice = asJsonObject(choices[0]);
  const message = asJsonObject(choice?.['message']);
  if (choice === undefined || message === undefined) {
    throw new Error('the completion has no message');
  }

  const refusal = readChatText(message['refusal'], 'refusal');
  const texts = [readChatText(message['content'], 'content'), refusal].filter(
    (text) => text !== '',
  );
  const calls = Array.isArray(message['tool_calls']) ? message['tool_calls'] : [];
  const isCut = choice['finish_reason'] === 'length';
  const toolUses = calls.map((call) => toToolUse(call, isCut));

  return toAnthropicMessage(completion, request, {
    content: [...texts.map((text) => ({ type: 'text', text })), ...toolUses],
    stopReason: toStopReason({
      reason: choice['finish_reason'],
      hasCalls: toolUses.length > 0,
      hasRefusal: refusal !== '',
    }),
    usage: completion['usage'],
  });
}

function toToolUse(value: unknown, isCut: boolean): JsonObject {
  const call = asJsonObject(value);
  const called = asJsonObject(call?.['function']);
  const name = called?.['name'];
  if (typeof name !== 'string' || name === '') throw new Error('a tool call has no function');
  return {
    type: 'tool_use',
    id: toToolUseId(toFilledString(call?.['id'])),
    name,
    input: toInput(called?.['arguments'], isCut),
  };
}

/** Some servers write nothing where a tool takes nothing. Of what was cut off the client learns by the stop reason. */
function toInput(text: unknown, isCut: boolean): JsonObject {
  if (text === undefined || text === null || text === '') return {};
  const input = typeof text === 'string' ? parseJsonObject(text) : undefined;
  if (input === undefined && !isCut) {
    throw new Error('the arguments of a tool call are not a JSON object');
  }
  return input ?? {};
}
