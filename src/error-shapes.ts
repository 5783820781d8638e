// How each protocol tells an error, in a body and inside a stream.
import { type ErrorCode, toOpenAiError } from './errors.ts';
import type { Protocol } from './protocol.ts';

export interface ShownError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly param?: string | null | undefined;
  readonly status: number;
  readonly requestId?: string | undefined;
}

/** https://platform.claude.com/docs/en/api/errors */
const anthropicTypes: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  503: 'overloaded_error',
  504: 'timeout_error',
  529: 'overloaded_error',
};

/** The body of an error reply; `more` stands beside the message, for whoever looks closer. */
export function toErrorBody(protocol: Protocol, error: ShownError, more: object = {}): object {
  if (protocol !== 'messages') {
    return { error: { ...toOpenAiError(error.code, error.message, error.param), ...more } };
  }
  const { status, message, requestId } = error;
  const type = anthropicTypes[status] ?? (status < 500 ? 'invalid_request_error' : 'api_error');
  return {
    type: 'error',
    error: { type, message, ...more },
    ...(requestId === undefined ? {} : { request_id: requestId }),
  };
}

/** The last event of a stream that broke after its first content; `sequenceNumber` is its place, where events have one. */
export function toErrorFrame(
  protocol: Protocol,
  error: ShownError,
  sequenceNumber: number,
): Buffer {
  const body = toErrorBody(protocol, error);
  switch (protocol) {
    case 'messages':
      return Buffer.from(`event: error\ndata: ${JSON.stringify(body)}\n\n`);
    case 'responses': {
      // The event's own fields, and `error` beside them: that is what the SDK throws on.
      const { code, message, param = null } = error;
      const numbered = { type: 'error', sequence_number: sequenceNumber };
      const data = JSON.stringify({ ...numbered, code, message, param, ...body });
      return Buffer.from(`event: error\ndata: ${data}\n\n`);
    }
    default:
      return Buffer.from(`data: ${JSON.stringify(body)}\n\n`);
  }
}
