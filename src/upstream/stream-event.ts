import { asJsonObject, type JsonObject, parseJsonObject } from '../json.ts';
import type { Protocol } from '../protocol.ts';
import { type ChunkMeaning, meaningOf } from './chunk-meaning.ts';
import { createFailure, type Failure } from './failure.ts';
import { toErrorObjectFailure } from './http-failure.ts';
import type { SseFrame } from './sse.ts';
import { readUsage, type Usage } from './usage.ts';

/** What one frame of a stream is to us. */
export type StreamEvent =
  | { readonly kind: ChunkMeaning; readonly usage?: Partial<Usage> | undefined }
  /** An error inside the stream, or a chunk that is not JSON; `payload` is its JSON text. */
  | { readonly kind: 'failure'; readonly failure: Failure; readonly payload?: string };

export function toStreamEvent({ event, data }: SseFrame, protocol: Protocol): StreamEvent {
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
  const error = errorIn(chunk);
  if (error !== undefined) return failureEvent(error, data);
  return { kind: meaningOf(chunk, protocol), usage: readUsage(chunk, protocol) };
}

/** The object that tells of an error, wherever the protocol puts it. */
function errorIn(chunk: JsonObject): JsonObject | undefined {
  if (chunk['type'] === 'error') return chunk;
  if (chunk['error'] !== undefined && chunk['error'] !== null) return chunk;
  if (chunk['type'] !== 'response.failed') return undefined;
  return { error: asJsonObject(asJsonObject(chunk['response'])?.['error']) ?? {} };
}

function failureEvent(chunk: JsonObject, payload: string): StreamEvent {
  return { kind: 'failure', failure: toErrorObjectFailure(chunk), payload };
}
