import { asJsonObject, type JsonObject } from '../json.ts';
import { readChatText, toFilledString } from './chat-reply-fields.ts';
import {
  type ItemStatus,
  toCallIds,
  toFunctionCallItem,
  toItemStatus,
  toMessageId,
  toMessageItem,
  toMessagePart,
} from './response-output-item.ts';
import {
  type ResponseHead,
  toResponse,
  toResponseHead,
  toResponseStatus,
  toResponseUsage,
} from './response-skeleton.ts';

type ToItem = (status: ItemStatus) => JsonObject;

/**
 * A chat completion as the response to a request of the Responses API; `nowMs` since the epoch. Reasoning is left out.
 * Throws Error when it holds no message, or one that makes no sense.
 * https://platform.openai.com/docs/api-reference/chat/object
 */
export function toResponseReply(
  completion: JsonObject,
  request: JsonObject,
  nowMs: number,
): JsonObject {
  const choices = completion['choices'];
  const choice = asJsonObject(Array.isArray(choices) ? choices[0] : undefined);
  const message = asJsonObject(choice?.['message']);
  if (message === undefined) throw new Error('the reply holds no message');

  const head = toResponseHead(completion, request, nowMs);
  const status = toResponseStatus(choice?.['finish_reason']);
  const items = [...toMessageItems(message, head), ...toCallItems(message, head)];
  const isIncomplete = status.kind === 'incomplete';
  const output = items.map((toItem, index) =>
    toItem(toItemStatus(index === items.length - 1, isIncomplete)),
  );
  return toResponse(request, head, { status, output, usage: toResponseUsage(completion['usage']) });
}

function toMessageItems(message: JsonObject, head: ResponseHead): ToItem[] {
  const text = readChatText(message['content'], 'content');
  const refusal = readChatText(message['refusal'], 'refusal');
  const content = [
    ...(text === '' ? [] : [toMessagePart('output_text', text)]),
    ...(refusal === '' ? [] : [toMessagePart('refusal', refusal)]),
  ];
  if (content.length === 0) return [];
  return [(status) => toMessageItem(toMessageId(head), content, status)];
}

function toCallItems(message: JsonObject, head: ResponseHead): ToItem[] {
  const calls = message['tool_calls'] ?? [];
  if (!Array.isArray(calls)) throw new Error("the reply's `tool_calls` is not a list");
  return calls.map((value: unknown, position) => {
    const call = asJsonObject(value);
    const called = asJsonObject(call?.['function']);
    const name = toFilledString(called?.['name']);
    if (name === undefined) throw new Error('the reply holds a tool call without a name');
    const ids = toCallIds(head, position, toFilledString(call?.['id']));
    const item = { ...ids, name, arguments: readChatText(called?.['arguments'], 'arguments') };
    return (status) => toFunctionCallItem(item, status);
  });
}
