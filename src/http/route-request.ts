import type { Response } from 'express';
import type { Catalogue } from '../config/catalogue.ts';
import { didYouMean } from '../config/suggest.ts';
import { RouterError } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import type { Protocol } from '../protocol.ts';
import { readConversation } from '../routing/conversation/read-conversation.ts';
import type { Decided } from '../routing/decider.ts';
import { classOrder, type Decision } from '../routing/decision.ts';
import { estimateTokens } from '../routing/estimate-tokens.ts';
import { demoName, type PlanRequest } from '../routing/plan.ts';
import type { PlanOrder } from '../routing/plan-order.ts';
import { callKindOf } from '../upstream/exchange.ts';
import type { Controls } from './controls.ts';
import { type HeldPlan, holdConversation } from './conversation-hold.ts';
import { drawDecisionId } from './decision-id.ts';
import type { Question } from './door.ts';
import { explainInHeader } from './explain.ts';
import type { Services } from './services.ts';
import { createSpeakability } from './targets.ts';

const classPrefix = 'class:';

/** The names that leave the choice of the class to the router, and how they order its models. */
const autoOrders: ReadonlyMap<string, PlanOrder> = new Map([
  ['auto', 'preferred'],
  ['auto:cheap', 'cheap'],
  ['auto:best', 'best'],
  // The demo is no model to choose: it stands in when nothing else can answer.
  [demoName, 'preferred'],
]);

/** A request with its decision and plan, before anyone is called. */
export interface Routed extends Decided, HeldPlan {
  readonly decisionId: string;
  /** What the person asked. */
  readonly ask: string | undefined;
  /** Estimated. */
  readonly promptTokens: number;
}

/** What a request asks for. */
type Aim =
  | { readonly kind: 'auto'; readonly order: PlanOrder }
  | { readonly kind: 'class'; readonly className: string; readonly order: PlanOrder }
  | { readonly kind: 'model'; readonly model: string };

export interface RouteOptions {
  readonly question: Question;
  readonly controls: Pick<
    Controls,
    'className' | 'model' | 'noFallback' | 'explain' | 'conversation'
  >;
  readonly services: Services;
  /** As the client put it, for the models that have to be asked in another protocol. */
  readonly request: {
    readonly protocol: Protocol;
    readonly json: JsonObject;
    /** What the client identifies itself by. */
    readonly client: string;
  };
}

/** Decides and plans. Throws RouterError `model_not_found` when the request names neither a class nor a model of ours. */
export async function routeRequest(options: RouteOptions): Promise<Routed> {
  const { question, controls, services, request } = options;
  const { catalogue, decider } = services;
  const aim = readAim(question.model, controls, catalogue);
  const conversation = readConversation(question.messages);
  const decided =
    aim.kind === 'auto'
      ? await decider.decide(conversation, { explain: controls.explain })
      : decider.force(aim.kind === 'class' ? aim.className : undefined);
  const promptTokens = estimateTokens(question.prompt);
  const turn = {
    conversation,
    body: request.json,
    named: controls.conversation,
    client: request.client,
    promptTokens,
    nowMs: services.clock.now(),
  };
  const planned: PlanRequest = {
    catalogue,
    classes: classOrder(decided.decision),
    ...(aim.kind === 'model' ? { model: aim.model } : { order: aim.order }),
    tokens: promptTokens + (question.replyTokens ?? 0),
    needs: question.needs,
    whyUnspeakable: createSpeakability(request, services.findTranslation),
    whyUnavailable: services.health.whyUnavailable,
    balance: (deployments) =>
      services.balancer.order(deployments, callKindOf({ stream: question.stream })),
    maxAttempts: services.maxAttempts,
    noFallback: controls.noFallback,
  };
  return {
    decisionId: drawDecisionId(services.clock.now()),
    ask: conversation.ask,
    promptTokens,
    ...decided,
    ...holdConversation(planned, decided.decision, turn, services.holding),
  };
}

/** The headers win over the body's `model`, and a model over a class. */
function readAim(
  named: string,
  { className, model }: Pick<Controls, 'className' | 'model'>,
  catalogue: Catalogue,
): Aim {
  const order = autoOrders.get(model ?? named);
  if (className !== undefined && model === undefined) {
    return toAim(`${classPrefix}${className}`, order ?? 'preferred', catalogue);
  }
  return order === undefined
    ? toAim(model ?? named, 'preferred', catalogue)
    : { kind: 'auto', order };
}

function toAim(name: string, order: PlanOrder, catalogue: Catalogue): Aim {
  if (catalogue.models.has(name)) return { kind: 'model', model: name };
  const className = name.startsWith(classPrefix) ? name.slice(classPrefix.length) : undefined;
  if (className !== undefined && catalogue.classes.has(className)) {
    return { kind: 'class', className, order };
  }
  const hint = didYouMean(name, virtualModels(catalogue).concat([...catalogue.models.keys()]));
  throw new RouterError('model_not_found', `There is no model "${name}"${hint}.`, {
    param: 'model',
  });
}

/** The names that stand for a choice of the router's. */
export function virtualModels(catalogue: Catalogue): string[] {
  const autos = [...autoOrders.keys()].filter((name) => name !== demoName);
  return [...autos, ...[...catalogue.classes.keys()].map((name) => `${classPrefix}${name}`)];
}

/** Tells the client what was decided; set before anything can fail, so that errors carry it too. */
export function setDecisionHeaders(
  response: Response,
  routed: Routed,
  { explain }: Pick<Controls, 'explain'>,
): void {
  const { decisionId, decision } = routed;
  if (explain) response.setHeader('x-switchyard-explain', explainInHeader(routed));
  response.setHeader('x-switchyard-decision-id', decisionId);
  if (decision.className !== undefined) setServingClass(response, decision.className, decision);
  if (decision.tier !== undefined) response.setHeader('x-switchyard-tier', decision.tier);
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
