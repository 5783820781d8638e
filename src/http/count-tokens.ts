import type { RequestHandler } from 'express';
import { estimateTokens } from '../routing/estimate-tokens.ts';
import { execute } from '../upstream/execute.ts';
import { abortWhenGone, forwardedHeaders, providerNamed } from './call-context.ts';
import { readControls } from './controls.ts';
import { parseBody, rawBodyOf } from './json-body.ts';
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
    const { catalogue, findTranslation, clock, deadlineMs } = running;
    const body = parseBody(request, countTokensSchema);
    const question = messagesDoor.read({ ...body, max_tokens: 1 });
    const controls = readControls(request);
    const routed = await routeRequest({ question, controls, services: running });
    setDecisionHeaders(response, routed);
    const targets = toTargets(routed.candidates, {
      catalogue,
      client: 'messages',
      findTranslation,
    });
    const execution = await execute({
      targets: targets.slice(0, 1).filter(({ protocol }) => protocol === 'messages'),
      providers: (name) => providerNamed(name, running),
      request: {
        protocol: 'messages',
        subpath: '/count_tokens',
        body: rawBodyOf(request),
        json: body,
        stream: false,
        headers: forwardedHeaders(request, response, messagesDoor),
      },
      findTranslation,
      clock,
      signal: abortWhenGone(response),
      deadlineMs,
    });
    if (execution.kind === 'reply' || execution.kind === 'refused') {
      response.status(execution.status).setHeaders(new Map(Object.entries(execution.headers)));
      response.end(execution.body);
      return;
    }
    response.setHeader('x-switchyard-estimated', '1');
    response.json({ input_tokens: estimateTokens(question.prompt) });
  };
}
