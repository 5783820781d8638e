import { asJsonObject, type JsonObject, parseJsonObject } from '../json.ts';
import { toAnthropicMessage, toAnthropicUsage } from './anthropic-message.ts';
import { toStopReason } from './anthropic-stop-reasons.ts';
import { type CallDelta, createStreamBlocks, toFrame } from './anthropic-stream-blocks.ts';
import { readChatText, toFilledString } from './chat-reply-fields.ts';
import type { StreamFrame, StreamTranslator } from './translation.ts';

/**
 * From `chat.completion.chunk`s (https://platform.openai.com/docs/api-reference/chat-streaming) to
 * the events of a message (https://platform.claude.com/docs/en/build-with-claude/streaming), always
 * from `message_start` to `message_stop`. Reasoning is left out, as in a whole reply.
 */
export function openAnthropicStream(request: JsonObject): StreamTranslator {
  // The first with a choice in it: Azure begins with a chunk that has neither choices nor an id.
  let first: JsonObject | undefined;
  let finishReason: unknown;
  let usage: unknown;
  let hasRefusal = false;
  let isOver = false;
  const blocks = createStreamBlocks();

  function start(chunk: JsonObject): StreamFrame[] {
    if (first !== undefined) return [];
    first = chunk;
    const message = toAnthropicMessage(chunk, request, { content: [], stopReason: null, usage });
    return [toFrame('message_start', { message })];
  }

  function end(): StreamFrame[] {
    isOver = true;
    const started = start({});
    const closed = blocks.close();
    const { hasCalls } = blocks;
    const stopReason = toStopReason({ reason: finishReason, hasCalls, hasRefusal });
    // The counts of a message are told here as totals: at its start nobody knew them.
    const delta = { stop_reason: stopReason, stop_sequence: null };
    const told = toFrame('message_delta', { delta, usage: toAnthropicUsage(usage) });
    return [...started, ...closed, told, toFrame('message_stop', {})];
  }

  return {
    push({ data }) {
      if (isOver) return [];
      if (data.trim() === '[DONE]') return end();

      const chunk = parseJsonObject(data);
      if (chunk === undefined) throw new Error('a chunk is not a JSON object');
      usage = asJsonObject(chunk['usage']) ?? usage;
      const choice = readChoice(chunk);
      if (choice === undefined) return [];

      const frames = start(chunk);
      const delta = asJsonObject(choice['delta']) ?? {};
      const refusal = readChatText(delta['refusal'], 'refusal');
      if (refusal !== '') hasRefusal = true;
      frames.push(...blocks.addText(readChatText(delta['content'], 'content') + refusal));
      for (const call of readCalls(delta)) frames.push(...blocks.addCall(call));
      // Kept: the usage comes after it.
      finishReason = choice['finish_reason'] ?? finishReason;
      return frames;
    },
  };
}

/** The only choice, as no more can have been asked for; none in the chunk that tells the usage. */
function readChoice({ choices, usage }: JsonObject): JsonObject | undefined {
  if (!Array.isArray(choices)) {
    if (asJsonObject(usage) !== undefined) return undefined;
    throw new Error('a chunk has neither choices nor usage');
  }
  if (choices.length === 0) return undefined;
  const choice = asJsonObject(choices[0]);
  if (choice === undefined) throw new Error('a choice is not an object');
  return choice;
}

function readCalls({ tool_calls: calls }: JsonObject): CallDelta[] {
  if (!Array.isArray(calls)) return [];
  return calls.map((value) => {
    const call = asJsonObject(value);
    if (call === undefined) throw new Error('a tool call is not an object');
    const called = asJsonObject(call['function']) ?? {};
    const { index } = call;
    return {
      index: typeof index === 'number' ? index : 0,
      id: toFilledString(call['id']),
      name: toFilledString(called['name']) ?? '',
      input: readChatText(called['arguments'], 'arguments'),
    };
  });
}
