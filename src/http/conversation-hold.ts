// Keeps a conversation with the model that serves it, as far as that is worth it.
import { type Catalogue, findDeployment } from '../config/catalogue.ts';
import type { JsonObject } from '../json.ts';
import {
  type Held,
  type Hold,
  type HoldSettings,
  leave,
  type Side,
  weighHold,
} from '../routing/conversation/hold.ts';
import type { Conversation } from '../routing/conversation/read-conversation.ts';
import type { Decision } from '../routing/decision.ts';
import { type Candidate, createPlan, type PlanRequest } from '../routing/plan.ts';
import type { SharedState } from '../state/shared-state.ts';
import type { Target } from '../upstream/target.ts';
import { conversationKeys, responseKey } from './conversation-key.ts';

export interface HoldParts {
  /** False: every turn goes where it alone would go. Who has served is remembered even so. */
  readonly isOn: boolean;
  readonly settings: HoldSettings;
  readonly memory: SharedState<Held>;
}

/** A request on its way through a conversation. */
export interface TurnRequest {
  readonly conversation: Conversation;
  readonly body: JsonObject;
  /** What the client calls the conversation. */
  readonly named: string | undefined;
  /** What the client identifies itself by. */
  readonly client: string;
  readonly promptTokens: number;
  readonly nowMs: number;
}

/** Whose thoughts are in a conversation. */
export type ServedBefore = Pick<Held, 'provider' | 'isMixed'>;

export interface HeldPlan {
  readonly candidates: readonly Candidate[];
  /** Undefined where nobody served the conversation before, or nothing was weighed. */
  readonly hold: (Hold & { readonly model: string }) | undefined;
  /** To be called with who has served, and by what a later request can go on from the answer. */
  readonly served: (
    target: Pick<Target, 'model' | 'provider' | 'className'>,
    keptId: string | undefined,
  ) => void;
  /** Undefined where nobody knows. */
  readonly servedBefore: ServedBefore | undefined;
}

/** Plans, and weighs who served the conversation last against who would serve by the decision alone. */
export function holdConversation(
  planned: PlanRequest,
  decision: Decision,
  request: TurnRequest,
  parts: HoldParts,
): HeldPlan {
  const { client, promptTokens, nowMs } = request;
  const { memory } = parts;
  const keys = conversationKeys(request);
  const held = keys.before === undefined ? undefined : memory.peek(keys.before);
  const plan = createPlan(planned);
  const weighed =
    held && weigh({ plan, planned }, decision, { ...request, held, turn: keys.turn }, parts);
  return {
    candidates: weighed?.candidates ?? plan,
    hold: held && weighed && { ...weighed.hold, model: held.model },
    servedBefore: held,
    served({ model, provider, className }, keptId) {
      // A turn that nobody is sure about pins nothing that was not pinned before.
      const wasSure = held?.isSure === true && held.model === model;
      const next: Held = {
        model,
        provider,
        isMixed: held !== undefined && (held.isMixed || held.provider !== provider),
        className,
        isSure: wasSure || isOwnAndSure(decision),
        turn: keys.turn ?? held?.turn,
        atMs: nowMs,
        promptTokens,
        weakTurns: weighed?.hold.weakTurns ?? 0,
      };
      if (keys.now !== undefined) memory.put(keys.now, next);
      if (keptId !== undefined) memory.put(responseKey(client, keptId), next);
    },
  };
}

/** Undefined where there is nothing to weigh: the client has chosen, or the model is configured no more. */
function weigh(
  { plan, planned }: { plan: readonly Candidate[]; planned: PlanRequest },
  decision: Decision,
  request: TurnRequest & { readonly held: Held; readonly turn: string | undefined },
  { settings, isOn }: HoldParts,
): { hold: Hold; candidates: readonly Candidate[] } | undefined {
  const { held, conversation } = request;
  const { isUnderWay } = conversation;
  const { catalogue } = planned;
  const from = toSide(held.model, plan, catalogue);
  const first = plan.find(({ status }) => status === 'in');
  const to = first && toSide(first.model, plan, catalogue);
  if (!isOn || decision.basis.kind === 'forced' || from === undefined || to === undefined) {
    return undefined;
  }
  const hold = weighHold({ ...request, decision, isUnderWay, from, to }, settings);
  if (hold.kind === 'leaves') return { hold, candidates: plan };
  // Whom the decision means, too, serves the class that was decided, if one was.
  const isAgreed = from.name === to.name && decision.basis.kind !== 'abstained';
  const className = isAgreed ? undefined : held.className;
  const candidates = createPlan({ ...planned, held: { ...held, className, reason: hold.reason } });
  return candidates.some(({ cause }) => cause === 'held')
    ? { hold, candidates }
    : { hold: leave('can not serve this request'), candidates: plan };
}

function isOwnAndSure({ basis }: Decision): boolean {
  return basis.kind === 'posterior' || basis.kind === 'example';
}

/** With the prices of the deployment that would be asked first. */
function toSide(name: string, plan: readonly Candidate[], catalogue: Catalogue): Side | undefined {
  const model = catalogue.models.get(name);
  if (model === undefined) return undefined;
  const planned = plan.find((candidate) => candidate.model === name);
  const deployment = (planned && findDeployment(catalogue, planned)) ?? model.deployments[0];
  return { name, tier: model.tier, prices: deployment?.prices };
}
