import type { ErrorRequestHandler, RequestHandler, Response } from 'express';
import { toErrorBody } from '../error-shapes.ts';
import { RouterError, toRouterError } from '../errors.ts';
import type { Protocol } from '../protocol.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics/metrics.ts';
import { requestIdOf } from './request-id.ts';

/** Errors under this path are told in this protocol; elsewhere in OpenAI's. */
export function speak(protocol: Protocol): RequestHandler {
  return (_request, response, next) => {
    response.locals['protocol'] = protocol;
    // Where Anthropic's SDK looks for it.
    if (protocol === 'messages') response.setHeader('request-id', requestIdOf(response));
    next();
  };
}

/** Writes an error in the shape of the endpoint's protocol, with what clients go by when they consider trying again. */
export function sendError(response: Response, error: RouterError, more: object = {}): void {
  const retryAfterMs = error.retryAfterMs;
  if (retryAfterMs !== undefined) {
    response.setHeader('retry-after', Math.ceil(retryAfterMs / 1000));
    response.setHeader('retry-after-ms', Math.ceil(retryAfterMs));
  }
  response.setHeader('x-should-retry', String(error.isRetryable && retryAfterMs !== undefined));
  const requestId = requestIdOf(response);
  const { code, message, param, status } = error;
  const shown = { code, message, param, status, requestId };
  response.status(status).json(toErrorBody(protocolOf(response), shown, more));
}

function protocolOf(response: Response): Protocol {
  return response.locals['protocol'] ?? 'chat';
}

/** The last stop of everything thrown: what was not thrown on purpose is logged and kept from the client. */
export function createErrorHandler(
  logger: Logger,
  metrics: Pick<Metrics, 'refused'>,
): ErrorRequestHandler {
  return (thrown, request, response, _next) => {
    const error = toRouterError(fromExpress(thrown));
    if (error.code === 'internal_error') {
      logger.error({ requestId: requestIdOf(response), err: error.cause }, 'unexpected error');
    }
    if (request.originalUrl.startsWith('/v1/')) metrics.refused(error.code);
    if (response.headersSent) response.destroy();
    else sendError(response, error);
  };
}

export const unknownPath: RequestHandler = (request) => {
  throw new RouterError('not_found', `There is nothing at ${request.method} ${request.path}.`);
};

/** What Express and its body reader throw, in our words. */
function fromExpress(thrown: unknown): unknown {
  if (!(thrown instanceof Error) || !('type' in thrown)) return asBadUrl(thrown);
  switch (thrown.type) {
    case 'entity.too.large':
      return new RouterError('payload_too_large', 'The body is larger than this server accepts.');
    case 'encoding.unsupported':
      return new RouterError('unsupported_media_type', 'The content encoding is not supported.');
    case 'request.aborted':
    case 'request.size.invalid':
      return new RouterError('invalid_request', 'The body ended before it was complete.');
    default:
      return thrown;
  }
}

function asBadUrl(thrown: unknown): unknown {
  return thrown instanceof URIError
    ? new RouterError('invalid_request', 'The path is not a valid URL path.')
    : thrown;
}
