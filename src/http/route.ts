import type { RequestHandler } from 'express';
import { z } from 'zod';
import { chatDoor, chatRequestSchema } from './chat-door.ts';
import { readControls } from './controls.ts';
import { parseBody } from './json-body.ts';
import { routeRequest, setDecisionHeaders } from './route-request.ts';
import type { Services } from './services.ts';
import { createSpeakability } from './targets.ts';

/** A chat request, or just `{"prompt": "…"}`. */
const dryRunSchema = z.preprocess(
  (body) =>
    typeof body === 'object' && body !== null && 'prompt' in body && !('messages' in body)
      ? { ...body, messages: [{ role: 'user', content: body.prompt }] }
      : body,
  chatRequestSchema,
);

/** POST /v1/route: the decision and the plan, without calling anyone. */
export function createRouteEndpoint(services: () => Services): RequestHandler {
  return async (request, response) => {
    const body = parseBody(request, dryRunSchema);
    const question = chatDoor.read(body);
    const controls = readControls(request);
    const running = services();
    const { findTranslation } = running;
    const whyUnspeakable = createSpeakability({ protocol: 'chat', json: body }, findTranslation);
    const routed = await routeRequest({ question, controls, services: running, whyUnspeakable });
    setDecisionHeaders(response, routed);
    const { decisionId, decision, candidates, timings } = routed;
    response.json({ id: decisionId, ...decision, candidates, timings });
  };
}
