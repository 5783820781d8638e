// What a chunk of a stream, already known to be a JSON object and no error, means in each protocol.
import { asJsonObject, type JsonObject } from '../json.ts';
import type { Protocol } from '../protocol.ts';

export type ChunkMeaning =
  /** Something the person would see, hear or act on. */
  | 'content'
  /** The model has finished; no content in this chunk. */
  | 'finish'
  /** The end of the stream, said by the chunk that also finishes the answer. */
  | 'finish-and-done'
  /** The end of the stream. */
  | 'done'
  /** Nothing but the usage, in a chunk of its own. */
  | 'usage'
  /** Roles, pings, comments: nothing that binds us to this model. */
  | 'other';

export function meaningOf(chunk: JsonObject, protocol: Protocol): ChunkMeaning {
  switch (protocol) {
    case 'messages':
      return ofMessages(chunk);
    case 'responses':
      return ofResponses(chunk);
    case 'completions':
      return ofChoices(chunk, (choice) => isFilled(choice?.['text']));
    default:
      return ofChoices(chunk, hasContent);
  }
}

function ofChoices(
  chunk: JsonObject,
  isContent: (choice: JsonObject | undefined) => boolean,
): ChunkMeaning {
  const choices = Array.isArray(chunk['choices']) ? chunk['choices'].map(asJsonObject) : [];
  if (choices.length === 0) return isFilled(chunk['usage']) ? 'usage' : 'other';
  if (choices.some(isContent)) return 'content';
  return choices.some((choice) => isFilled(choice?.['finish_reason'])) ? 'finish' : 'other';
}

const contentFields = [
  'content',
  'tool_calls',
  'function_call',
  'refusal',
  'reasoning',
  'reasoning_content',
  'thinking',
  'audio',
];

function hasContent(choice: JsonObject | undefined): boolean {
  const delta = asJsonObject(choice?.['delta']);
  return delta !== undefined && contentFields.some((field) => isFilled(delta[field]));
}

function ofMessages(chunk: JsonObject): ChunkMeaning {
  switch (chunk['type']) {
    case 'content_block_start': {
      const type = asJsonObject(chunk['content_block'])?.['type'];
      // These two start empty; a tool call or its result is content by being there.
      return type === 'text' || type === 'thinking' ? 'other' : 'content';
    }
    case 'content_block_delta': {
      const { type, signature: _signature, ...delta } = asJsonObject(chunk['delta']) ?? {};
      return Object.values(delta).some(isFilled) && typeof type === 'string' ? 'content' : 'other';
    }
    case 'message_delta':
      return isFilled(asJsonObject(chunk['delta'])?.['stop_reason']) ? 'finish' : 'other';
    case 'message_stop':
      return 'done';
    default:
      return 'other';
  }
}

function ofResponses(chunk: JsonObject): ChunkMeaning {
  const type = String(chunk['type']);
  if (type === 'response.completed' || type === 'response.incomplete') return 'finish-and-done';
  if (type === 'response.output_item.added') {
    const item = String(asJsonObject(chunk['item'])?.['type']);
    return item === 'message' || item === 'reasoning' ? 'other' : 'content';
  }
  return type.endsWith('.delta') && isFilled(chunk['delta']) ? 'content' : 'other';
}

function isFilled(value: unknown): boolean {
  if (typeof value === 'string') return value !== '';
  return typeof value === 'object' && value !== null && Object.keys(value).length > 0;
}
