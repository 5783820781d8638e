import { asJsonObject, type JsonObject, parseJsonObject } from '../json.ts';
import { toChatFinishReason } from './chat-finish-reason.ts';
import { toChatUsage } from './messages-to-chat-usage.ts';
import type { StreamFrame, StreamTranslator } from './translation.ts';

interface OpenCall {
  /** Among the tool calls; blocks of other types have no number there. */
  readonly index: number;
  /** For a block whose input never comes in fragments. */
  readonly input: string;
  hasArguments: boolean;
}

/**
 * Anthropic's stream as chat completion chunks, ended by `[DONE]`; with a chunk for the usage when the
 * request asks for it by `stream_options.include_usage`. `now` is in milliseconds since the epoch.
 * https://platform.claude.com/docs/en/build-with-claude/streaming
 */
export function createMessagesToChatStream(
  request: JsonObject,
  now: () => number,
): StreamTranslator {
  const includesUsage = asJsonObject(request['stream_options'])?.['include_usage'] === true;
  const calls = new Map<unknown, OpenCall>();
  let head: JsonObject | undefined;
  let usage: JsonObject | undefined;
  let hasFinished = false;
  let isDone = false;

  function chunk(
    choices: readonly JsonObject[],
    chunkUsage: JsonObject | null = null,
  ): StreamFrame {
    if (head === undefined) throw new Error('The stream does not begin with message_start.');
    const body = { ...head, choices, ...(includesUsage ? { usage: chunkUsage } : {}) };
    return { data: JSON.stringify(body) };
  }

  function choice(delta: JsonObject, finishReason: string | null = null): StreamFrame {
    return chunk([{ index: 0, delta, finish_reason: finishReason }]);
  }

  function start(event: JsonObject): StreamFrame[] {
    const message = asJsonObject(event['message']);
    if (head !== undefined || message === undefined) {
      throw new Error('message_start comes twice or without a message.');
    }
    const { id, model } = message;
    if (typeof id !== 'string' || typeof model !== 'string') {
      throw new Error('message_start is without id or model.');
    }
    head = { id, object: 'chat.completion.chunk', created: Math.floor(now() / 1000), model };
    addUsage(message['usage']);
    return [choice({ role: 'assistant', content: '' })];
  }

  function startBlock(event: JsonObject): StreamFrame[] {
    const block = asJsonObject(event['content_block']) ?? {};
    const { type, id, name, input, text } = block;
    // Anthropic begins a text block empty; that others do too is not said anywhere.
    if (type === 'text' && typeof text === 'string' && text !== '')
      return [choice({ content: text })];
    if (type !== 'tool_use') return [];
    if (typeof id !== 'string' || typeof name !== 'string') {
      throw new Error('A tool call of the stream is without id or name.');
    }
    const index = calls.size;
    calls.set(event['index'], { index, input: JSON.stringify(input ?? {}), hasArguments: false });
    return [
      choice({ tool_calls: [{ index, id, type: 'function', function: { name, arguments: '' } }] }),
    ];
  }

  function addToBlock(event: JsonObject): StreamFrame[] {
    const delta = asJsonObject(event['delta']) ?? {};
    switch (delta['type']) {
      case 'text_delta':
        return [choice({ content: readText(delta, 'text') })];
      case 'thinking_delta':
        return [choice({ reasoning_content: readText(delta, 'thinking') })];
      case 'input_json_delta':
        return addArguments(calls.get(event['index']), readText(delta, 'partial_json'));
      default:
        return [];
    }
  }

  /** Input of a block that is no call of the client's, a search of the provider's say, goes nowhere. */
  function addArguments(call: OpenCall | undefined, fragment: string): StreamFrame[] {
    if (call === undefined || fragment === '') return [];
    call.hasArguments = true;
    return [choice({ tool_calls: [{ index: call.index, function: { arguments: fragment } }] })];
  }

  function stopBlock(event: JsonObject): StreamFrame[] {
    const call = calls.get(event['index']);
    return call === undefined || call.hasArguments ? [] : addArguments(call, call.input);
  }

  function finish(stopReason: unknown): StreamFrame[] {
    if (hasFinished) return [];
    hasFinished = true;
    return [choice({}, toChatFinishReason(stopReason))];
  }

  function changeMessage(event: JsonObject): StreamFrame[] {
    addUsage(event['usage']);
    const stopReason = asJsonObject(event['delta'])?.['stop_reason'];
    return typeof stopReason === 'string' ? finish(stopReason) : [];
  }

  function stop(): StreamFrame[] {
    const frames = finish(undefined);
    isDone = true;
    if (includesUsage && usage !== undefined) frames.push(chunk([], toChatUsage(usage)));
    return [...frames, { data: '[DONE]' }];
  }

  /** The counts are cumulative: whatever comes later wins, and null says nothing. */
  function addUsage(counts: unknown): void {
    for (const [name, value] of Object.entries(asJsonObject(counts) ?? {})) {
      if (typeof value === 'number') usage = { ...usage, [name]: value };
    }
  }

  return {
    push(frame) {
      const event = parseJsonObject(frame.data);
      if (event === undefined) throw new Error('An event of the stream is not a JSON object.');
      if (isDone) return [];
      switch (event['type']) {
        case 'message_start':
          return start(event);
        case 'content_block_start':
          return startBlock(event);
        case 'content_block_delta':
          return addToBlock(event);
        case 'content_block_stop':
          return stopBlock(event);
        case 'message_delta':
          return changeMessage(event);
        case 'message_stop':
          return stop();
        default:
          return [];
      }
    },
  };
}

function readText(delta: JsonObject, name: string): string {
  const text = delta[name];
  if (typeof text !== 'string') throw new Error(`A delta of the stream is without '${name}'.`);
  return text;
}
