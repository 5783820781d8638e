// Keeps a conversation with the model that serves it, as far as that is worth it.
import { type Catalogue, findDeployment } from '../config/catalogue.ts';
import type { JsonObject } from '../json.ts';
import {
  type Held,
  type Hold,
  type HoldSettings,
  type Side,
  weighHold,
} from '../routing/conversation/hold.ts';
import type { ChatMessage } from '../routing/conversation/read-conversation.ts';
import { readConversation } from '../routing/conversation/read-conversation.ts';
import type { Decision } from '../routing/decision.ts';
import { holdFirst } from '../routing/hold-first.ts';
import type { Candidate } from '../routing/plan.ts';
import type { SharedState } from '../state/shared-state.ts';
import type { Target } from '../upstream/target.ts';
import { askHash, conversationKeys } from './conversation-key.ts';

export interface HoldParts {
  readonly settings: HoldSettings;
  readonly memory: SharedState<Held>;
  readonly catalogue: Catalogue;
}

/** A request on its way through a conversation. */
export interface TurnRequest {
  readonly messages: readonly ChatMessage[];
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
  /** Undefined where nobody served the conversation before. */
  readonly hold: (Hold & { readonly model: string }) | undefined;
  /** To be called with who has served. */
  readonly served: (target: Pick<Target, 'model' | 'provider' | 'className'>) => void;
  /** Undefined where nobody knows. */
  readonly servedBefore: ServedBefore | undefined;
}

/** Weighs who served the conversation last against who would serve by the decision alone. */
export function holdConversation(
  plan: readonly Candidate[],
  decision: Decision,
  request: TurnRequest,
  { settings, memory, catalogue }: HoldParts,
): HeldPlan {
  const { promptTokens, nowMs } = request;
  const conversation = readConversation(request.messages);
  const keys = conversationKeys({ ...request, conversation });
  const ask = askHash(conversation);
  const held = keys.before === undefined ? undefined : memory.peek(keys.before);
  const from = held && toSide(held.model, plan, catalogue);
  const first = plan.find(({ status }) => status === 'in');
  const to = first && toSide(first.model, plan, catalogue);
  const { isUnderWay } = conversation;
  const hold =
    held === undefined || from === undefined || to === undefined
      ? undefined
      : weighHold(
          { held, decision, askHash: ask, isUnderWay, promptTokens, from, to, nowMs },
          settings,
        );
  const stays = held !== undefined && hold?.kind === 'stays';
  return {
    candidates: stays ? holdFirst(plan, { ...held, reason: hold.reason }) : plan,
    hold: held && hold && { ...hold, model: held.model },
    servedBefore: held,
    served({ model, provider, className }) {
      if (className === undefined) return;
      // A turn that nobody is sure about holds nothing that was not held before.
      if (decision.basis.kind === 'abstained' && held?.model !== model) return;
      const weakTurns = hold?.weakTurns ?? 0;
      const hasChanged = held !== undefined && held.provider !== provider;
      const isMixed = hasChanged || held?.isMixed === true;
      memory.put(keys.now, {
        model,
        provider,
        isMixed,
        className,
        askHash: ask,
        atMs: nowMs,
        promptTokens,
        weakTurns,
      });
    },
  };
}

/** With the prices of the deployment that would be asked first. */
function toSide(name: string, plan: readonly Candidate[], catalogue: Catalogue): Side | undefined {
  const model = catalogue.models.get(name);
  if (model === undefined) return undefined;
  const planned = plan.find((candidate) => candidate.model === name);
  const deployment = (planned && findDeployment(catalogue, planned)) ?? model.deployments[0];
  return { name, tier: model.tier, prices: deployment?.prices };
}
