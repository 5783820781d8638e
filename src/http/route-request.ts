import { randomUUID } from 'node:crypto';
import type { Response } from 'express';
import type { Catalogue } from '../config/catalogue.ts';
import { didYouMean } from '../config/suggest.ts';
import { RouterError } from '../errors.ts';
import { estimateTokens } from '../routing/ask.ts';
import type { Decided } from '../routing/decider.ts';
import { classOrder, type Decision } from '../routing/decision.ts';
import { type Candidate, createPlan, demoName } from '../routing/plan.ts';
import type { ChatRequest } from './chat-request.ts';
import type { Services } from './services.ts';

const classPrefix = 'class:';

/** A request with its decision and plan, before anyone is called. */
export interface Routed extends Decided {
  readonly decisionId: string;
  readonly candidates: readonly Candidate[];
}

/** What `model` in a request asks for. */
type Aim =
  | { readonly kind: 'auto' }
  | { readonly kind: 'class'; readonly className: string }
  | { readonly kind: 'model'; readonly model: string };

/** Decides and plans. Throws RouterError `model_not_found` when the request names neither a class nor a model of ours. */
export async function routeRequest(body: ChatRequest, services: Services): Promise<Routed> {
  const { catalogue, decider, maxAttempts } = services;
  const aim = readAim(body.model, catalogue);
  const decided =
    aim.kind === 'auto'
      ? await decider.decide(body.messages)
      : decider.force(aim.kind === 'class' ? aim.className : undefined);
  const candidates = createPlan({
    catalogue,
    classes: classOrder(decided.decision),
    model: aim.kind === 'model' ? aim.model : undefined,
    tokens: estimateTokens(body.messages) + (body.max_completion_tokens ?? body.max_tokens ?? 0),
    maxAttempts,
  });
  return { ...decided, decisionId: `dec_${randomUUID()}`, candidates };
}

function readAim(model: string, catalogue: Catalogue): Aim {
  // The demo is no model to choose: it stands in when nothing else can answer.
  if (model === 'auto' || model === demoName) return { kind: 'auto' };
  if (catalogue.models.has(model)) return { kind: 'model', model };
  const className = model.startsWith(classPrefix) ? model.slice(classPrefix.length) : undefined;
  if (className !== undefined && catalogue.classes.has(className))
    return { kind: 'class', className };
  const hint = didYouMean(model, virtualModels(catalogue).concat([...catalogue.models.keys()]));
  throw new RouterError('model_not_found', `There is no model "${model}"${hint}.`, {
    param: 'model',
  });
}

/** The names that stand for a choice of the router's. */
export function virtualModels(catalogue: Catalogue): string[] {
  return ['auto', ...[...catalogue.classes.keys()].map((name) => `${classPrefix}${name}`)];
}

/** Tells the client what was decided; set before anything can fail, so that errors carry it too. */
export function setDecisionHeaders(response: Response, { decisionId, decision }: Routed): void {
  response.setHeader('x-switchyard-decision-id', decisionId);
  if (decision.className !== undefined) setServingClass(response, decision.className, decision);
  if (decision.basis.kind === 'abstained') {
    response.setHeader('x-switchyard-abstained', decision.basis.reason);
  }
}

/** Names a class with the probability that it has in the decision. */
export function setServingClass(response: Response, className: string, decision: Decision): void {
  response.setHeader('x-switchyard-class', className);
  const weighed = decision.posterior.find((entry) => entry.className === className);
  if (weighed !== undefined) {
    response.setHeader('x-switchyard-confidence', weighed.probability.toFixed(3));
  }
}
