import type { RequestHandler } from 'express';
import { execute } from '../upstream/execute.ts';
import { answer, setAttemptHeaders } from './answer.ts';
import { clientOf } from './authenticate.ts';
import { prepareCall } from './call-context.ts';
import { readControls } from './controls.ts';
import { parseBody } from './json-body.ts';
import { countTokensSchema, messagesDoor } from './messages-door.ts';
import { routeRequest, setDecisionHeaders } from './route-request.ts';
import type { Services } from './services.ts';
import { toTargets } from './targets.ts';

/**
 * POST /v1/messages/count_tokens: by the provider that would serve the request if it speaks Messages, else an estimate
 * of our own, which `x-switchyard-estimated` says.
 */
export function createCountTokens(services: () => Services): RequestHandler {
  return async (request, response) => {
    const running = services();
    const controls = readControls(request);
    // As it would be asked, for the shortest reply.
    const body = { ...parseBody(request, countTokensSchema), max_tokens: 1 };
    const door = messagesDoor;
    const { protocol } = door;
    const question = door.read(body);
    const call = prepareCall(
      { request, response, door, body, controls, running },
      { stream: false, subpath: '/count_tokens' },
    );
    const routed = await routeRequest({
      question,
      controls,
      services: running,
      request: { protocol, json: body, client: clientOf(request) },
    });
    setDecisionHeaders(response, routed, controls);
    const [first] = toTargets(routed.candidates, {
      ...running,
      client: protocol,
      before: routed.servedBefore,
    });
    const targets = first?.protocol === protocol ? [first] : [];
    const execution = await execute({ ...call, targets });
    if (execution.kind === 'exhausted') {
      response.setHeader('x-switchyard-estimated', '1');
      response.json({ input_tokens: routed.promptTokens });
      return;
    }
    setAttemptHeaders(response, execution, routed.decision);
    await answer(response, execution, { routed, unserved: {}, nowMs: running.clock.now() });
  };
}
