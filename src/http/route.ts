import type { RequestHandler } from 'express';
import { z } from 'zod';
import { clientOf } from './authenticate.ts';
import { type ChatRequest, chatDoor, chatRequestSchema } from './chat-door.ts';
import { modelName } from './content-schemas.ts';
import { readControls } from './controls.ts';
import { parseBody } from './json-body.ts';
import { routeRequest, setDecisionHeaders } from './route-request.ts';
import type { Services } from './services.ts';

const prompt = z
  .looseObject({ model: modelName, prompt: z.string(), messages: z.undefined().optional() })
  .transform(({ prompt: content, ...rest }): ChatRequest => {
    return { ...rest, messages: [{ role: 'user', content }] };
  });

/** A chat request, or just `{"prompt": "…"}`. */
export const dryRunSchema = z.union([chatRequestSchema, prompt]);

/** POST /v1/route: the decision and the plan, without calling anyone. */
export function createRouteEndpoint(services: () => Services): RequestHandler {
  return async (request, response) => {
    const body = parseBody(request, dryRunSchema);
    const controls = readControls(request);
    const { protocol } = chatDoor;
    const routed = await routeRequest({
      question: chatDoor.read(body),
      controls: { ...controls, explain: true },
      services: services(),
      request: { protocol, json: body, client: clientOf(request) },
    });
    setDecisionHeaders(response, routed, controls);
    const { decisionId, decision, candidates, timings, hold = null } = routed;
    response.json({ id: decisionId, ...decision, candidates, hold, timings });
  };
}
