import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { RequestHandler, Response } from 'express';
import { assertNever } from '../errors.ts';
import type { Decision } from '../routing/decision.ts';
import type { Logger } from '../telemetry/log.ts';
import { type Execution, execute } from '../upstream/execute.ts';
import type { Provider } from '../upstream/provider.ts';
import { chatRequestSchema } from './chat-request.ts';
import { sendError } from './error-handler.ts';
import { describeAttempt, exhaustedError, toJsonAttempt } from './exhausted.ts';
import { parseBody, rawBodyOf } from './json-body.ts';
import { requestIdOf } from './request-id.ts';
import { type Routed, routeRequest, setDecisionHeaders, setServingClass } from './route-request.ts';
import type { Services } from './services.ts';
import { toTargets } from './targets.ts';

/** POST /v1/chat/completions: decides, then walks the plan until a model answers. */
export function createChatCompletions(services: () => Services): RequestHandler {
  return async (request, response) => {
    const running = services();
    const startedAtMs = running.clock.now();
    const clientGone = abortWhenGone(response);
    const body = parseBody(request, chatRequestSchema);
    const routed = await routeRequest(body, running);
    setDecisionHeaders(response, routed);

    const execution = await execute({
      targets: toTargets(routed.candidates, running.catalogue),
      providers: (name) => providerNamed(name, running),
      body: rawBodyOf(request),
      stream: body.stream === true,
      headers: { 'x-request-id': requestIdOf(response) },
      clock: running.clock,
      signal: clientGone,
      deadlineMs: running.deadlineMs,
    });
    setAttemptHeaders(response, execution, routed.decision);
    await answer(response, execution, routed);
    const durationMs = running.clock.now() - startedAtMs;
    logRequest(running.logger, { response, routed, execution, clientGone, durationMs });
  };
}

function providerNamed(name: string, { providers }: Services): Provider {
  const provider = providers.get(name);
  if (provider === undefined) throw new Error(`The plan names a provider without a part: ${name}`);
  return provider;
}

/** A signal that fires when the client leaves before it has its reply. */
function abortWhenGone(response: Response): AbortSignal {
  const controller = new AbortController();
  response.on('close', () => {
    if (!response.writableFinished) controller.abort();
  });
  return controller.signal;
}

function setAttemptHeaders(response: Response, execution: Execution, decision: Decision): void {
  response.setHeader('x-switchyard-attempts', execution.attempts.map(describeAttempt).join(', '));
  if (!('target' in execution)) return;
  const { target } = execution;
  response.setHeader('x-switchyard-model', target.model);
  response.setHeader('x-switchyard-provider', target.provider);
  // A fallback into the next-best class changes which class serves.
  if (target.className !== undefined && target.className !== decision.className) {
    setServingClass(response, target.className, decision);
  }
}

async function answer(response: Response, execution: Execution, routed: Routed): Promise<void> {
  switch (execution.kind) {
    case 'reply':
    case 'refused':
      response.status(execution.status).setHeaders(new Map(Object.entries(execution.headers)));
      response.end(execution.body);
      return;
    case 'stream':
      response.status(200).setHeaders(new Map(Object.entries(execution.headers)));
      await stream(execution.frames, response);
      return;
    case 'exhausted':
      sendError(response, exhaustedError(execution, routed.candidates), {
        attempts: execution.attempts.map(toJsonAttempt),
      });
      return;
    case 'client-gone':
      response.destroy();
      return;
    default:
      assertNever(execution);
  }
}

async function stream(frames: AsyncIterable<Uint8Array>, response: Response): Promise<void> {
  response.setHeader('content-type', 'text/event-stream; charset=utf-8');
  response.setHeader('cache-control', 'no-cache, no-transform');
  response.setHeader('x-accel-buffering', 'no');
  response.flushHeaders();
  try {
    await pipeline(Readable.from(frames, { objectMode: false }), response);
  } catch (error) {
    // The only way a stream fails here is that the client left; the frames themselves never throw.
    if (!response.destroyed) throw error;
  }
}

function logRequest(
  logger: Logger,
  facts: {
    response: Response;
    routed: Routed;
    execution: Execution;
    clientGone: AbortSignal;
    durationMs: number;
  },
): void {
  const { response, routed, execution, clientGone, durationMs } = facts;
  const { decision } = routed;
  logger.info(
    {
      requestId: requestIdOf(response),
      decisionId: routed.decisionId,
      class: decision.className,
      confidence: decision.confidence,
      basis: decision.basis.kind,
      outcome: execution.kind,
      // What proxies log for a client that left before its reply.
      status: clientGone.aborted ? 499 : response.statusCode,
      attempts: execution.attempts.map(describeAttempt),
      durationMs: Math.round(durationMs),
      ...routed.timings,
    },
    'request',
  );
}
