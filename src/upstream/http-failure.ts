import { asJsonObject, type JsonObject, parseJsonObject } from '../json.ts';
import { createFailure, type Failure, type FailureCause } from './failure.ts';
import { type ErrorFacts, findOperatorError, isAboutCredit } from './operator-errors.ts';
import { parseRetryAfterMs } from './retry-after.ts';
import { toUpstreamText } from './upstream-text.ts';

const causeOfStatus: Readonly<Record<number, FailureCause>> = {
  401: 'auth',
  402: 'auth',
  403: 'auth',
  404: 'model-missing',
  408: 'request-timeout',
  409: 'conflict',
  410: 'model-missing',
  425: 'too-early',
  429: 'rate-limited',
};

const unsupportedCodes = new Set(['unsupported_parameter', 'unsupported_value']);

/** Of a model that can't do what others can. */
const unsupportedMessages =
  /\b(does not|doesn['’]t) support\b|\b(is|are) (not supported|unsupported)\b|\bunsupported (parameter|value|field|feature)\b/i;

/** Of a provider that does not want this prompt, which says nothing about the key. */
const flaggedMessages = /\b(flagged|moderation|content[ _-](policy|filter|management)|safety)\b/i;

const contextLengthMessages =
  /context (length|window|size)|(prompt|input|request) is too long|maximum (prompt|model|input) length|exceeds the maximum number of tokens|reduce the length of the (messages|prompt|input)|too many (input |prompt )?tokens/i;

/** Of a failed response whose prompt or image is at fault (https://platform.openai.com/docs/api-reference/responses/object). */
const requestCodes =
  /^(invalid_prompt|invalid_base64_image|failed_to_download_image|image_(too|file|parse|content)_\w+|(invalid|empty)_image\w*|unsupported_image_media_type)$/;

export interface HttpError {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** As far as it could be read. */
  readonly body: Buffer;
  readonly nowMs: number;
}

/** What a reply with an error status means. */
export function toHttpFailure({ status, headers, body, nowMs }: HttpError): Failure {
  const error = errorOf(parseJsonObject(withoutList(body.toString())));
  const cause = causeOf(status, error);
  return createFailure(cause, describe(`HTTP ${status}`, cause, error), {
    status,
    retryAfterMs: parseRetryAfterMs(headers, nowMs),
  });
}

/** Gemini puts its errors into a list. */
function withoutList(text: string): string {
  const trimmed = text.trim();
  return trimmed.startsWith('[') && trimmed.endsWith(']') ? trimmed.slice(1, -1) : trimmed;
}

/**
 * What an error object inside a 200 means. Some providers put a status into its `code`; without
 * one it counts as a broken reply.
 */
export function toErrorObjectFailure(payload: JsonObject): Failure {
  const error = errorOf(payload);
  const code = Number(error.code);
  const status = Number.isInteger(code) && code >= 400 && code < 600 ? code : undefined;
  const cause = status === undefined ? causeOfCode(error) : causeOf(status, error);
  return createFailure(cause, describe('an error inside a 200', cause, error), { status });
}

interface ErrorObject extends ErrorFacts {
  /** The finer code, in Anthropic's errors. */
  readonly detailCode: unknown;
}

function errorOf(payload: JsonObject | undefined): ErrorObject {
  const error = payload?.['error'];
  const fields = asJsonObject(error) ?? payload ?? {};
  const message = typeof error === 'string' ? error : fields['message'];
  return {
    code: String(fields['code'] ?? fields['type'] ?? ''),
    message: typeof message === 'string' ? message : '',
    param: fields['param'],
    detailCode: asJsonObject(fields['details'])?.['error_code'],
  };
}

function causeOf(status: number, error: ErrorObject): FailureCause {
  if (status === 404 && isLostReference(error)) return 'client-error';
  if (status === 403 && isFlagged(error)) return 'unsupported';
  const known = causeOfStatus[status];
  if (known !== undefined) return known;
  if (status >= 500) return 'server-error';
  if (status < 400) return 'broken-reply';
  if (isContextLength(error)) return 'context-length';
  const ours = findOperatorError(error);
  if (ours !== undefined) return ours;
  return status !== 413 && isUnsupported(error) ? 'unsupported' : 'client-error';
}

/** Not the model is missing, but what the request refers to: items of OpenAI's responses, threads of Anthropic's. */
function isLostReference({ param, detailCode }: ErrorObject): boolean {
  return param === 'input' || detailCode === 'thread_not_found';
}

function causeOfCode(error: ErrorObject): FailureCause {
  if (isContextLength(error)) return 'context-length';
  if (requestCodes.test(error.code)) return 'client-error';
  return error.code.startsWith('rate_limit') ? 'rate-limited' : 'broken-reply';
}

function isContextLength({ code, message }: ErrorObject): boolean {
  return code === 'context_length_exceeded' || contextLengthMessages.test(message);
}

function isFlagged({ code, message }: ErrorObject): boolean {
  return flaggedMessages.test(code) || flaggedMessages.test(message);
}

function isUnsupported({ code, message }: ErrorObject): boolean {
  return unsupportedCodes.has(code) || unsupportedMessages.test(message);
}

function describe(what: string, cause: FailureCause, error: ErrorObject): string {
  // A provider that refuses a key likes to quote it.
  if (cause === 'auth') {
    return isAboutCredit(error)
      ? `${what}: the account at the provider is out of credit`
      : `${what}: the provider refuses the configured credentials`;
  }
  const text = toUpstreamText(error.message);
  return text === '' ? what : `${what}: ${text}`;
}
