// What a call to a provider takes from the request that it is made for.
import type { Request, Response } from 'express';
import type { JsonObject } from '../json.ts';
import type { TraceContext } from '../telemetry/traces/trace-context.ts';
import type { ExecuteOptions } from '../upstream/execute.ts';
import type { Provider } from '../upstream/provider.ts';
import { openModelSlot } from '../upstream/splice-model.ts';
import type { Controls } from './controls.ts';
import type { Door } from './door.ts';
import { rawBodyOf } from './json-body.ts';
import { requestIdOf } from './request-id.ts';
import type { Services } from './services.ts';

/** A request that came through one of the doors, checked, and the parts that serve it. */
export interface Visit<Body extends JsonObject = JsonObject> {
  readonly request: Request;
  readonly response: Response;
  readonly door: Door<Body>;
  readonly body: Body;
  readonly controls: Controls;
  readonly running: Services;
}

/**
 * All that asking providers takes, but for whom to ask. Throws RouterError `invalid_request` when the body names the
 * model twice.
 */
export function prepareCall<Body extends JsonObject>(
  { request, response, door, body, controls, running }: Visit<Body>,
  how: { readonly stream: boolean; readonly subpath?: string },
): Omit<ExecuteOptions, 'targets' | 'onAttempt'> {
  return {
    providers: (name) => providerNamed(name, running),
    request: {
      protocol: door.protocol,
      bodyFor: openModelSlot(rawBodyOf(request)),
      json: body,
      headers: forwardedHeaders(request, response, door),
      ...how,
    },
    findTranslation: running.findTranslation,
    health: running.health,
    retries: running.retries,
    clock: running.clock,
    signal: abortWhenGone(response),
    deadlineMs: deadlineMsOf(controls, running),
  };
}

/** How long the request may take: as configured, or shorter where the client says so. */
export function deadlineMsOf({ timeoutMs }: Controls, { deadlineMs }: Services): number {
  return Math.min(deadlineMs, timeoutMs ?? Number.POSITIVE_INFINITY);
}

/** A signal that fires when the client leaves before it has its reply. */
export function abortWhenGone(response: Response): AbortSignal {
  const controller = new AbortController();
  response.on('close', () => {
    if (!response.writableFinished) controller.abort();
  });
  return controller.signal;
}

/** The request's place in a trace; undefined where none is exported. Nothing that is malformed gets any further. */
export function beginTrace(request: Request, { traces }: Services): TraceContext | undefined {
  const traceparent = request.get('traceparent');
  return traces?.begin({ traceparent, tracestate: request.get('tracestate') });
}

function forwardedHeaders(
  request: Request,
  response: Response,
  { forwardedHeaders }: Pick<Door, 'forwardedHeaders'>,
): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const name of forwardedHeaders) {
    const value = request.get(name);
    if (value !== undefined) headers[name] = value;
  }
  headers['x-request-id'] = requestIdOf(response);
  return headers;
}

function providerNamed(name: string, { providers }: Services): Provider {
  const provider = providers.get(name);
  if (provider === undefined) throw new Error(`The plan names a provider without a part: ${name}`);
  return provider;
}
