import { asJsonObject, type JsonObject, parseJsonObject } from '../json.ts';
import { readChatText, toFilledString } from './chat-reply-fields.ts';
import {
  createResponseEventWriter,
  type OpenCall,
  type ResponseEventWriter,
} from './response-event-writer.ts';
import { toResponseHead, toResponseStatus, toResponseUsage } from './response-skeleton.ts';
import type { StreamTranslator } from './translation.ts';

/**
 * Turns the chunks of a chat completion into the events of a response, `[DONE]` into the last of them. Reasoning is
 * left out. `push` throws Error for what is no chunk, and for a tool call that begins without a name.
 * https://platform.openai.com/docs/api-reference/chat-streaming
 */
export function openResponseStream(request: JsonObject, now: () => number): StreamTranslator {
  let writer: ResponseEventWriter | undefined;
  let finishReason: unknown;
  let usage: unknown;
  let isDone = false;
  const calls = new Map<number, OpenCall>();

  function open(chunk: JsonObject): ResponseEventWriter {
    writer ??= createResponseEventWriter(request, toResponseHead(chunk, request, now()));
    return writer;
  }

  return {
    push({ data }) {
      if (isDone) return [];
      if (data.trim() === '[DONE]') {
        isDone = true;
        const last = open({});
        last.finish({ status: toResponseStatus(finishReason), usage: toResponseUsage(usage) });
        return last.take();
      }

      const chunk = parseJsonObject(data);
      if (chunk === undefined) throw new Error('a chunk of the stream is not a JSON object');
      const current = open(chunk);
      // Some servers count in every chunk; the last count is the whole.
      usage = chunk['usage'] ?? usage;
      // The chunk with the usage has no choice.
      const choice = asJsonObject(toList(chunk['choices'])[0]);
      finishReason = choice?.['finish_reason'] ?? finishReason;
      writeDelta(current, calls, asJsonObject(choice?.['delta']));
      return current.take();
    },
  };
}

function writeDelta(
  writer: ResponseEventWriter,
  calls: Map<number, OpenCall>,
  delta: JsonObject | undefined,
): void {
  const text = readChatText(delta?.['content'], 'content');
  if (text !== '') writer.writeMessage('output_text', text);
  const refusal = readChatText(delta?.['refusal'], 'refusal');
  if (refusal !== '') writer.writeMessage('refusal', refusal);

  for (const [position, value] of toList(delta?.['tool_calls']).entries()) {
    const part = asJsonObject(value);
    if (part === undefined) throw new Error('a part of a tool call is not an object');
    const written = readChatText(asJsonObject(part['function'])?.['arguments'], 'arguments');
    const call = findCall(writer, calls, { part, position });
    if (written !== '') writer.writeArguments(call, written);
  }
}

/** The call that this part belongs to, opened when it is the first of it. */
function findCall(
  writer: ResponseEventWriter,
  calls: Map<number, OpenCall>,
  { part, position }: { readonly part: JsonObject; readonly position: number },
): OpenCall {
  const index = typeof part['index'] === 'number' ? part['index'] : position;
  const id = toFilledString(part['id']);
  const name = toFilledString(asJsonObject(part['function'])?.['name']);

  const known = calls.get(index);
  // Some servers count every call as the first; what has its own id and name is a call of its own.
  const isAnother = id !== undefined && id !== known?.callId && name !== undefined;
  if (known !== undefined && !isAnother) return known;
  if (name === undefined) throw new Error('a tool call of the stream begins without a name');
  const opened = writer.openCall(name, id);
  calls.set(index, opened);
  return opened;
}

function toList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
