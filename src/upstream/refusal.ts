import { toErrorBody } from '../error-shapes.ts';
import { type JsonObject, parseJsonObject } from '../json.ts';
import type { ClientRequest } from './exchange.ts';
import type { Failure } from './failure.ts';
import { toClientHeaders } from './response-headers.ts';
import type { Target } from './target.ts';

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

/**
 * The client's own error: as the provider said it where both speak the same, in the client's protocol otherwise, and in
 * our words when it was not JSON.
 */
export function toRefusal(
  { failure, errorReply }: { readonly failure: Failure; readonly errorReply?: ErrorReply },
  { target, request }: { readonly target: Target; readonly request: ClientRequest },
): Refusal {
  const status = failure.status ?? 400;
  const isReadable =
    errorReply !== undefined &&
    target.protocol === request.protocol &&
    isErrorBody(parseJsonObject(errorReply.body.toString()));
  return {
    status,
    headers: {
      ...toClientHeaders(errorReply?.headers ?? {}),
      'content-type': 'application/json',
    },
    body: isReadable
      ? errorReply.body
      : Buffer.from(
          JSON.stringify(
            toErrorBody(request.protocol, {
              code: toCode(failure),
              message: failure.message,
              status,
            }),
          ),
        ),
  };
}

/** An event of the Responses API is none: its error is further in. */
function isErrorBody(body: JsonObject | undefined): boolean {
  return body !== undefined && !String(body['type']).startsWith('response.');
}

function toCode({ cause }: Failure): 'context_length_exceeded' | 'invalid_request' {
  return cause === 'context-length' ? 'context_length_exceeded' : 'invalid_request';
}
