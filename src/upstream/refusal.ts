import { toOpenAiError } from '../errors.ts';
import { parseJsonObject } from '../json.ts';
import type { Failure } from './failure.ts';
import { toClientHeaders } from './response-headers.ts';

/** What a provider sent along with an error. */
export interface ErrorReply {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface Refusal {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: Buffer;
}

/** The client's own error as the provider said it, or in our words when that was not JSON. */
export function toRefusal(failure: Failure, errorReply: ErrorReply | undefined): Refusal {
  const isJson = errorReply !== undefined && parseJsonObject(errorReply.body.toString());
  return {
    status: failure.status ?? 400,
    headers: {
      ...toClientHeaders(errorReply?.headers ?? {}),
      'content-type': 'application/json',
    },
    body: isJson
      ? errorReply.body
      : Buffer.from(JSON.stringify({ error: toOpenAiError(toCode(failure), failure.message) })),
  };
}

function toCode({ cause }: Failure): 'context_length_exceeded' | 'invalid_request' {
  return cause === 'context-length' ? 'context_length_exceeded' : 'invalid_request';
}
