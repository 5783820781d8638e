import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Request, RequestHandler, Response } from 'express';
import type { Catalogue } from '../config/catalogue.ts';
import { assertNever } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import type { Decision } from '../routing/decision.ts';
import type { Attempt } from '../upstream/attempt.ts';
import { costUsdOf } from '../upstream/cost.ts';
import { type Execution, execute } from '../upstream/execute.ts';
import type { Provider } from '../upstream/provider.ts';
import { readControls } from './controls.ts';
import type { Door } from './door.ts';
import { sendError } from './error-handler.ts';
import { describeAttempt, exhaustedError, toJsonAttempt } from './exhausted.ts';
import { explainInHeader } from './explain.ts';
import { parseBody, rawBodyOf } from './json-body.ts';
import { toRequestRecord } from './record-request.ts';
import { requestIdOf } from './request-id.ts';
import { type Routed, routeRequest, setDecisionHeaders, setServingClass } from './route-request.ts';
import type { Services } from './services.ts';
import { createSpeakability, toTargets } from './targets.ts';

/** An endpoint that models answer: decides, then walks the plan until one does. */
export function createModelEndpoint<Body extends JsonObject>(
  door: Door<Body>,
  services: () => Services,
): RequestHandler {
  return async (request, response) => {
    const running = services();
    const startedAtMs = running.clock.now();
    const clientGone = abortWhenGone(response);
    const controls = readControls(request);
    const { protocol } = door;
    const { catalogue, findTranslation } = running;
    const body = parseBody(request, door.schema);
    const question = door.read(body);
    const whyUnspeakable = createSpeakability({ protocol, json: body }, findTranslation);
    const routed = await routeRequest({ question, controls, services: running, whyUnspeakable });
    setDecisionHeaders(response, routed);
    if (controls.explain) response.setHeader('x-switchyard-explain', explainInHeader(routed));

    const attempts: Attempt[] = [];
    const execution = await execute({
      targets: toTargets(routed.candidates, { catalogue, client: protocol, findTranslation }),
      providers: (name) => providerNamed(name, running),
      request: {
        protocol,
        body: rawBodyOf(request),
        json: body,
        stream: question.stream,
        headers: forwardedHeaders(request, response, door),
      },
      findTranslation,
      clock: running.clock,
      signal: clientGone,
      onAttempt: (attempt) => attempts.push(attempt),
      deadlineMs: Math.min(running.deadlineMs, controls.timeoutMs ?? Number.POSITIVE_INFINITY),
    });
    setAttemptHeaders(response, execution, routed.decision);
    setCost(response, execution, attempts, catalogue);
    const unserved = door.explainUnserved?.(body) ?? {};
    await answer(response, execution, { routed, unserved });
    if (execution.kind === 'stream') await execution.finished;
    running.recorder.record(
      toRequestRecord({
        protocol,
        question,
        conversation: controls.conversation,
        response,
        routed,
        execution,
        attempts,
        clientGone,
        startedAtMs,
        endedAtMs: running.clock.now(),
        catalogue,
        configHash: running.configHash,
      }),
    );
  };
}

export function forwardedHeaders(
  request: Request,
  response: Response,
  { forwardedHeaders }: Pick<Door, 'forwardedHeaders'>,
): Record<string, string> {
  const own = { 'x-request-id': requestIdOf(response) };
  const given = forwardedHeaders.flatMap((name) => {
    const value = request.get(name);
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...Object.fromEntries(given), ...own };
}

export function providerNamed(name: string, { providers }: Services): Provider {
  const provider = providers.get(name);
  if (provider === undefined) throw new Error(`The plan names a provider without a part: ${name}`);
  return provider;
}

/** A signal that fires when the client leaves before it has its reply. */
export function abortWhenGone(response: Response): AbortSignal {
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

/** Only of a whole reply: of a stream nobody knows it before its end. */
function setCost(
  response: Response,
  execution: Execution,
  attempts: readonly Attempt[],
  { models }: Catalogue,
): void {
  if (execution.kind !== 'reply') return;
  const costUsd = costUsdOf(attempts.at(-1)?.usage, models.get(execution.target.model)?.prices);
  if (costUsd === undefined) return;
  response.setHeader('x-switchyard-cost-usd', Number(costUsd.toPrecision(6)));
}

async function answer(
  response: Response,
  execution: Execution,
  { routed, unserved }: { routed: Routed; unserved: object },
): Promise<void> {
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
        ...(execution.attempts.length === 0 ? unserved : {}),
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
