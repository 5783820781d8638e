import { asJsonObject, type JsonObject, parseJsonObject } from '../json.ts';
import type { Failure } from './failure.ts';
import { createFailure } from './failure.ts';
import { toErrorObjectFailure } from './http-failure.ts';
import type { SseFrame } from './sse.ts';

/** What one frame of a chat completion stream is to us. */
export type StreamEvent =
  /** Something the person would see, hear or act on. */
  | { readonly kind: 'content' }
  /** The model has finished; no content in this chunk. */
  | { readonly kind: 'finish' }
  /** Roles, pings, comments, usage: nothing that binds us to this model. */
  | { readonly kind: 'other' }
  /** `[DONE]`. */
  | { readonly kind: 'done' }
  /** An error inside the stream, or a chunk that is not JSON; `payload` is its JSON text. */
  | { readonly kind: 'failure'; readonly failure: Failure; readonly payload?: string };

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

export function toStreamEvent({ event, data }: SseFrame): StreamEvent {
  if (data === undefined || data === '') {
    return event === 'error' ? failureEvent({}, '{}') : { kind: 'other' };
  }
  if (data.trim() === '[DONE]') return { kind: 'done' };

  const chunk = parseJsonObject(data);
  if (event === 'error') return failureEvent(chunk ?? { message: data }, data);
  if (chunk === undefined) {
    const failure = createFailure('broken-reply', 'a chunk of the stream is not a JSON object');
    return { kind: 'failure', failure };
  }
  if (chunk['error'] !== undefined && chunk['error'] !== null) return failureEvent(chunk, data);

  const choices = Array.isArray(chunk['choices']) ? chunk['choices'].map(asJsonObject) : [];
  if (choices.some((choice) => hasContent(choice))) return { kind: 'content' };
  return {
    kind: choices.some((choice) => isFilled(choice?.['finish_reason'])) ? 'finish' : 'other',
  };
}

function failureEvent(chunk: JsonObject, payload: string): StreamEvent {
  return { kind: 'failure', failure: toErrorObjectFailure(chunk), payload };
}

function hasContent(choice: JsonObject | undefined): boolean {
  const delta = asJsonObject(choice?.['delta']);
  return delta !== undefined && contentFields.some((field) => isFilled(delta[field]));
}

function isFilled(value: unknown): boolean {
  if (typeof value === 'string') return value !== '';
  return typeof value === 'object' && value !== null && Object.keys(value).length > 0;
}
