import type { RequestHandler } from 'express';
import type { JsonObject } from '../json.ts';
import { startAttemptSpan } from '../telemetry/traces/trace-context.ts';
import type { Attempt } from '../upstream/attempt.ts';
import { execute } from '../upstream/execute.ts';
import { answer, setAttemptHeaders, setCost } from './answer.ts';
import { clientOf } from './authenticate.ts';
import { beginTrace, prepareCall, type Visit } from './call-context.ts';
import { readControls } from './controls.ts';
import type { Door } from './door.ts';
import { parseBody } from './json-body.ts';
import { toRequestRecord } from './record-request.ts';
import { routeRequest, setDecisionHeaders } from './route-request.ts';
import type { Services } from './services.ts';
import { toTargets } from './targets.ts';

/** An endpoint that models answer. */
export function createModelEndpoint<Body extends JsonObject>(
  door: Door<Body>,
  services: () => Services,
): RequestHandler {
  return async (request, response) => {
    const running = services();
    const startedAtMs = running.clock.now();
    const controls = readControls(request);
    const body = parseBody(request, door.schema);
    await serve({ request, response, door, body, controls, running }, startedAtMs);
  };
}

/** Decides, then walks the plan until a model answers; leaves a record. */
export async function serve<Body extends JsonObject>(
  visit: Visit<Body>,
  startedAtMs: number,
): Promise<void> {
  const { request, response, door, body, controls, running } = visit;
  const { catalogue, clock } = running;
  const { protocol } = door;
  const trace = beginTrace(request, running);
  const question = door.read(body);
  const call = prepareCall(visit, { stream: question.stream });
  const routingAtMs = clock.now();
  const routed = await routeRequest({
    question,
    controls,
    services: running,
    request: { protocol, json: body, client: clientOf(request) },
  });
  const routing = { startedAtMs: routingAtMs, durationMs: clock.now() - routingAtMs };
  setDecisionHeaders(response, routed, controls);

  const attempts: Attempt[] = [];
  const targets = toTargets(routed.candidates, {
    catalogue,
    findTranslation: running.findTranslation,
    client: protocol,
    before: routed.servedBefore,
  });
  const execution = await execute({
    targets,
    ...call,
    hedging: running.hedging?.forRequest({
      request: call.request,
      promptTokens: routed.promptTokens,
      targets,
    }),
    // One deadline for the whole request, deciding included.
    deadlineMs: call.deadlineMs - (clock.now() - startedAtMs),
    startSpan: trace && (() => startAttemptSpan(trace)),
    onAttempt: (attempt) => attempts.push(attempt),
  });
  if (execution.kind === 'reply' || execution.kind === 'stream') {
    routed.served(execution.target, execution.keptId);
  }
  setAttemptHeaders(response, execution, routed.decision);
  setCost(response, execution, attempts, catalogue);
  await answer(response, execution, {
    routed,
    unserved: door.explainUnserved?.(body) ?? {},
    nowMs: clock.now(),
  });
  if (execution.kind === 'stream') await execution.finished;
  running.recorder.record(
    toRequestRecord({
      protocol,
      question,
      conversation: controls.conversation,
      trace,
      response,
      routed,
      execution,
      attempts,
      clientGone: call.signal,
      startedAtMs,
      routing,
      endedAtMs: clock.now(),
      catalogue,
      configHash: running.configHash,
    }),
  );
}
