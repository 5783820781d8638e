import type { RequestHandler } from 'express';
import type { JsonObject } from '../json.ts';
import { parseTraceparent } from '../telemetry/traces/traceparent.ts';
import type { Attempt } from '../upstream/attempt.ts';
import { execute } from '../upstream/execute.ts';
import { answer, setAttemptHeaders, setCost } from './answer.ts';
import { abortWhenGone, forwardedHeaders, providerNamed } from './call-context.ts';
import { readControls } from './controls.ts';
import type { Door } from './door.ts';
import { explainInHeader } from './explain.ts';
import { parseBody, rawBodyOf } from './json-body.ts';
import { toRequestRecord } from './record-request.ts';
import { routeRequest, setDecisionHeaders } from './route-request.ts';
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
    const routingAtMs = running.clock.now();
    const routed = await routeRequest({ question, controls, services: running, whyUnspeakable });
    const routing = {
      startedAtMs: routingAtMs,
      durationMs: running.clock.now() - routingAtMs,
    };
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
        traceparent: parseTraceparent(request.get('traceparent')),
        response,
        routed,
        execution,
        attempts,
        clientGone,
        startedAtMs,
        routing,
        endedAtMs: running.clock.now(),
        catalogue,
        configHash: running.configHash,
      }),
    );
  };
}
