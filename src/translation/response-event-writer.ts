// Writes the typed events of a streamed response. Items are closed together at the end: only then is
// it certain that a chat, which may mix its calls and its text, adds nothing to them.
// https://platform.openai.com/docs/api-reference/responses-streaming
import type { JsonObject } from '../json.ts';
import {
  type FunctionCall,
  type ItemStatus,
  type MessagePartType,
  toCallIds,
  toFunctionCallItem,
  toItemStatus,
  toMessageId,
  toMessageItem,
  toMessagePart,
} from './response-output-item.ts';
import { type ResponseHead, type ResponseState, toResponse } from './response-skeleton.ts';
import type { StreamFrame } from './translation.ts';

interface MessagePart {
  readonly type: MessagePartType;
  text: string;
}

interface OpenMessage {
  readonly kind: 'message';
  readonly id: string;
  readonly outputIndex: number;
  readonly parts: MessagePart[];
}

export interface OpenCall extends FunctionCall {
  readonly kind: 'call';
  readonly outputIndex: number;
  arguments: string;
}

export interface ResponseEventWriter {
  writeMessage(type: MessagePartType, delta: string): void;
  /** Without `callId` one is made. */
  openCall(name: string, callId: string | undefined): OpenCall;
  writeArguments(call: OpenCall, delta: string): void;
  /** Closes all items, then the response. */
  finish(end: Pick<ResponseState, 'status' | 'usage'>): void;
  /** The events since the last time; the first are `response.created` and `response.in_progress`. */
  take(): StreamFrame[];
}

export function createResponseEventWriter(
  request: JsonObject,
  head: ResponseHead,
): ResponseEventWriter {
  let frames: StreamFrame[] = [];
  let sequenceNumber = 0;
  const items: (OpenMessage | OpenCall)[] = [];
  let message: OpenMessage | undefined;

  function emit(type: string, members: JsonObject): void {
    const data = JSON.stringify({ type, sequence_number: sequenceNumber, ...members });
    frames.push({ event: type, data });
    sequenceNumber += 1;
  }

  function addItem(item: OpenMessage | OpenCall): void {
    items.push(item);
    const added = toItem(item, 'in_progress');
    emit('response.output_item.added', { output_index: item.outputIndex, item: added });
  }

  function openMessage(): OpenMessage {
    const id = toMessageId(head);
    message = { kind: 'message', id, outputIndex: items.length, parts: [] };
    addItem(message);
    return message;
  }

  function openPart(owner: OpenMessage, type: MessagePartType): MessagePart {
    const part = { type, text: '' };
    const place = placeOf(owner, owner.parts.length);
    owner.parts.push(part);
    emit('response.content_part.added', { ...place, part: toMessagePart(type, '') });
    return part;
  }

  function close(item: OpenMessage | OpenCall, status: ItemStatus): JsonObject {
    if (item.kind === 'call') {
      const { id, outputIndex, name, arguments: written } = item;
      const place = { item_id: id, output_index: outputIndex };
      emit('response.function_call_arguments.done', { ...place, name, arguments: written });
    } else {
      for (const [index, { type, text }] of item.parts.entries()) {
        const place = placeOf(item, index);
        if (type === 'refusal') emit('response.refusal.done', { ...place, refusal: text });
        else emit('response.output_text.done', { ...place, text, logprobs: [] });
        emit('response.content_part.done', { ...place, part: toMessagePart(type, text) });
      }
    }
    const done = toItem(item, status);
    emit('response.output_item.done', { output_index: item.outputIndex, item: done });
    return done;
  }

  const begun = toResponse(request, head, {
    status: { kind: 'in_progress' },
    output: [],
    usage: null,
  });
  emit('response.created', { response: begun });
  emit('response.in_progress', { response: begun });

  return {
    writeMessage(type, delta) {
      const owner = message ?? openMessage();
      const part = owner.parts.find((other) => other.type === type) ?? openPart(owner, type);
      part.text += delta;
      const place = placeOf(owner, owner.parts.indexOf(part));
      if (type === 'refusal') emit('response.refusal.delta', { ...place, delta });
      else emit('response.output_text.delta', { ...place, delta, logprobs: [] });
    },
    openCall(name, callId) {
      const position = items.filter(({ kind }) => kind === 'call').length;
      const ids = toCallIds(head, position, callId);
      const outputIndex = items.length;
      const call: OpenCall = { kind: 'call', ...ids, outputIndex, name, arguments: '' };
      addItem(call);
      return call;
    },
    writeArguments(call, delta) {
      call.arguments += delta;
      const place = { item_id: call.id, output_index: call.outputIndex };
      emit('response.function_call_arguments.delta', { ...place, delta });
    },
    finish({ status, usage }) {
      const isIncomplete = status.kind === 'incomplete';
      const output = items.map((item, index) =>
        close(item, toItemStatus(index === items.length - 1, isIncomplete)),
      );
      const response = toResponse(request, head, { status, output, usage });
      emit(`response.${status.kind}`, { response });
    },
    take() {
      const taken = frames;
      frames = [];
      return taken;
    },
  };
}

function placeOf({ id, outputIndex }: OpenMessage, contentIndex: number): JsonObject {
  return { item_id: id, output_index: outputIndex, content_index: contentIndex };
}

function toItem(item: OpenMessage | OpenCall, status: ItemStatus): JsonObject {
  if (item.kind === 'call') return toFunctionCallItem(item, status);
  const content = item.parts.map(({ type, text }) => toMessagePart(type, text));
  return toMessageItem(item.id, content, status);
}
