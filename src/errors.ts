// Every error a client can receive has a row here; nothing else decides a status.

const table = {
  invalid_request: { status: 400, type: 'invalid_request_error', retryable: false },
  context_length_exceeded: { status: 400, type: 'invalid_request_error', retryable: false },
  invalid_api_key: { status: 401, type: 'invalid_request_error', retryable: false },
  forbidden: { status: 403, type: 'permission_error', retryable: false },
  model_not_found: { status: 404, type: 'invalid_request_error', retryable: false },
  not_found: { status: 404, type: 'invalid_request_error', retryable: false },
  conflict: { status: 409, type: 'invalid_request_error', retryable: false },
  payload_too_large: { status: 413, type: 'invalid_request_error', retryable: false },
  unsupported_media_type: { status: 415, type: 'invalid_request_error', retryable: false },
  rate_limit_exceeded: { status: 429, type: 'rate_limit_error', retryable: true },
  internal_error: { status: 500, type: 'server_error', retryable: false },
  upstream_error: { status: 502, type: 'upstream_error', retryable: true },
  no_candidate: { status: 503, type: 'service_unavailable', retryable: true },
  not_ready: { status: 503, type: 'service_unavailable', retryable: true },
  upstream_timeout: { status: 504, type: 'timeout_error', retryable: true },
} as const satisfies Record<string, { status: number; type: string; retryable: boolean }>;

export type ErrorCode = keyof typeof table;

export const errorCodes = Object.keys(table) as ErrorCode[];

export interface OpenAiError {
  readonly message: string;
  readonly type: string;
  readonly param: string | null;
  readonly code: string;
}

/** The OpenAI-shaped error object for one row of the table. */
export function toOpenAiError(
  code: ErrorCode,
  message: string,
  param: string | null = null,
): OpenAiError {
  return { message, type: table[code].type, param, code };
}

/** An error whose message tells its reader what is wrong and what to do: it is shown without a stack. */
export class ExplainedError extends Error {
  override readonly name: string = 'ExplainedError';
}

/** An error made on purpose: its message is safe to show to the client. */
export class RouterError extends ExplainedError {
  override readonly name = 'RouterError';
  readonly code: ErrorCode;
  /** The field of the request that is wrong, as OpenAI's `param`. */
  readonly param: string | null;
  /** When it is worth trying again, in milliseconds from now. */
  readonly retryAfterMs: number | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    options: { cause?: unknown; param?: string; retryAfterMs?: number } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.param = options.param ?? null;
    this.retryAfterMs = options.retryAfterMs;
  }

  get status(): number {
    return table[this.code].status;
  }

  get isRetryable(): boolean {
    return table[this.code].retryable;
  }
}

/** The one place where something thrown becomes something known. */
export function toRouterError(thrown: unknown): RouterError {
  if (thrown instanceof RouterError) return thrown;
  return new RouterError('internal_error', 'Something went wrong inside the router.', {
    cause: thrown,
  });
}

/** Makes the compiler prove that a switch over a closed union is complete. */
export function assertNever(value: never): never {
  throw new Error(`Unexpected value: ${JSON.stringify(value)}`);
}

/** The message of anything thrown, for logs and for the messages of our own errors. */
export function messageOf(thrown: unknown): string {
  // What a thread has died of may have lost its class on the way.
  return hasMessage(thrown) ? thrown.message : String(thrown);
}

function hasMessage(thrown: unknown): thrown is { message: string } {
  return (
    typeof thrown === 'object' &&
    thrown !== null &&
    'message' in thrown &&
    typeof thrown.message === 'string'
  );
}
