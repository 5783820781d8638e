import type { Catalogue, Deployment } from '../config/catalogue.ts';
import type { Capability } from '../config/schema.ts';
import type { Protocol } from '../protocol.ts';
import {
  type Considered,
  considered,
  type HeldModel,
  inAskingOrder,
  type PlanOrder,
} from './plan-order.ts';

/** A model at a provider that could serve the request, with the reason it is in or out of the plan. */
export interface Candidate {
  readonly model: string;
  readonly provider: string;
  /** The class it was considered for; undefined when the request names the model. */
  readonly className: string | undefined;
  readonly status: 'in' | 'out';
  readonly cause: InCause | OutCause;
  /** The cause in words. */
  readonly reason: string;
  /** When it is to be asked again, in milliseconds since the epoch, where health keeps it out of the plan. */
  readonly untilMs?: number;
}

/** Why a model is not to be asked now; without `untilMs` nobody knows for how long. */
interface Unavailability {
  readonly cause: 'unhealthy' | 'rate-limited' | 'isolated';
  readonly reason: string;
  readonly untilMs: number | undefined;
}

type InCause = 'preferred' | 'alternative' | 'named' | 'held' | 'last-resort' | 'last-try';
type OutCause =
  | 'unusable'
  | 'protocol'
  | 'capability'
  | 'context-window'
  | Unavailability['cause']
  | 'no-fallback'
  /** Still asked when the prompt turns out too long for those before it. */
  | 'attempt-limit';

type Verdict = Pick<Candidate, 'status' | 'cause' | 'reason' | 'untilMs'>;

export interface PlanRequest {
  readonly catalogue: Catalogue;
  /** Classes in the order in which their models are tried. */
  readonly classes: readonly string[];
  /** The model that the request names: then it is the only one. */
  readonly model?: string | undefined;
  /** Goes before all others, if it can serve. */
  readonly held?: HeldModel | undefined;
  /** Estimated tokens of the prompt with the room that the reply asks for. */
  readonly tokens: number;
  /** So many models are tried, each at all of its providers that can serve. */
  readonly maxAttempts: number;
  /** Only the first that can serve is asked. */
  readonly noFallback?: boolean;
  readonly order?: PlanOrder;
  /** What the model must be able to do. */
  readonly needs?: readonly Capability[];
  /** Why the request can't be put to a model in a protocol that it speaks; undefined when it can. */
  readonly whyUnspeakable?: (deployment: Deployment) => string | undefined;
  /** Why it is not to be asked now; undefined when it can be. */
  readonly whyUnavailable?: (deployment: Deployment) => Unavailability | undefined;
  /** The order in which those of one model are asked; as configured when left out. */
  readonly balance?: (deployments: readonly Deployment[]) => readonly Deployment[];
}

/** The built-in provider and model that answers while no other can. */
export const demoName = 'demo';
export const demoSpeaks: readonly Protocol[] = ['chat'];

/**
 * `[class 1's preferred, class 1's others, class 2's preferred, …]`, each model once, filtered by what can serve the
 * request. A model with several deployments stands there with all of them, the one to be asked first before the others.
 * When all that could are out of order, the one that is to be tried again soonest gets one
 * last try. Only when no provider at all is usable, the demo is the last resort.
 */
export function createPlan(request: PlanRequest): Candidate[] {
  const candidates: Candidate[] = [];
  let models = 0;
  const all = considered(request);
  for (const each of all) {
    const planned = planModel(each, request, models);
    if (planned.some(({ status }) => status === 'in')) models += 1;
    candidates.push(...planned);
  }
  if (models === 0) giveLastTry(candidates);
  const isAnythingUsable = request.catalogue.providers.some(
    ({ unusable }) => unusable === undefined,
  );
  const [first] = all;
  return isAnythingUsable || first === undefined
    ? candidates
    : [...candidates, ...toLastResort(first, request)];
}

/** What can serve, in the order in which it is asked, then what can not. `before` is how many models come before it. */
function planModel(considered: Considered, request: PlanRequest, before: number): Candidate[] {
  const { model, className } = considered;
  const able: Deployment[] = [];
  const out: Candidate[] = [];
  const toCandidate = ({ provider }: Deployment, verdict: Verdict): Candidate => ({
    model: model.name,
    provider,
    className,
    ...verdict,
    // Where the model alone does not tell what is meant.
    reason:
      model.deployments.length > 1 || verdict.cause === 'unusable'
        ? `${provider}: ${verdict.reason}`
        : verdict.reason,
  });
  for (const deployment of model.deployments) {
    const exclusion = findExclusion(deployment, request);
    if (exclusion === undefined) able.push(deployment);
    else out.push(toCandidate(deployment, exclusion));
  }
  const ordered = inAskingOrder(able, { served: considered.held?.provider, ...request }).map(
    (deployment, position) => {
      const isAskedFirst = before === 0 && position === 0;
      const verdict = findLimit(request, { before, isAskedFirst }) ?? include(considered);
      return toCandidate(deployment, verdict);
    },
  );
  return [...ordered, ...out];
}

function giveLastTry(candidates: Candidate[]): void {
  const soonest = candidates
    .filter(({ cause }) => cause === 'unhealthy')
    .toSorted((a, b) => (a.untilMs ?? 0) - (b.untilMs ?? 0))[0];
  if (soonest === undefined) return;
  candidates[candidates.indexOf(soonest)] = {
    ...soonest,
    status: 'in',
    cause: 'last-try',
    reason: `nobody else is left; ${soonest.reason}`,
  };
}

function toLastResort({ model, className }: Considered, request: PlanRequest): Candidate[] {
  const [deployment] = model.deployments;
  if (deployment === undefined) return [];
  const unspeakable = request.whyUnspeakable?.({ ...deployment, speaks: demoSpeaks });
  const verdict: Verdict =
    unspeakable === undefined
      ? {
          status: 'in',
          cause: 'last-resort',
          reason: `stands in for ${model.name}: no provider is usable`,
        }
      : { status: 'out', cause: 'protocol', reason: unspeakable };
  return [{ model: demoName, provider: demoName, className, ...verdict }];
}

const out = (cause: OutCause, reason: string): Verdict => ({ status: 'out', cause, reason });

/** Why it can't serve, whoever else is asked. */
function findExclusion(deployment: Deployment, request: PlanRequest): Verdict | undefined {
  const { unusable, capabilities, contextWindow } = deployment;
  if (unusable !== undefined) return out('unusable', unusable);
  const unspeakable = request.whyUnspeakable?.(deployment);
  if (unspeakable !== undefined) return out('protocol', unspeakable);
  const lacking = request.needs?.find((need) => !capabilities[need]);
  if (lacking !== undefined) return out('capability', `can not do ${capabilityNames[lacking]}`);
  if (contextWindow !== undefined && request.tokens > contextWindow) {
    const wanted = `about ${request.tokens} tokens`;
    return out(
      'context-window',
      `its context window of ${contextWindow} is too small for ${wanted}`,
    );
  }
  const unavailable = request.whyUnavailable?.(deployment);
  if (unavailable === undefined) return undefined;
  const { cause, reason, untilMs } = unavailable;
  return { status: 'out', cause, reason, ...(untilMs === undefined ? {} : { untilMs }) };
}

/** Why it is not asked, though it could serve. */
function findLimit(
  { noFallback, maxAttempts }: PlanRequest,
  { before, isAskedFirst }: { before: number; isAskedFirst: boolean },
): Verdict | undefined {
  if (noFallback === true && !isAskedFirst) {
    return out('no-fallback', 'the request wants no fallback');
  }
  return before >= maxAttempts
    ? out('attempt-limit', `beyond the ${maxAttempts} models allowed`)
    : undefined;
}

const capabilityNames: Readonly<Record<Capability, string>> = {
  tools: 'tool calls',
  vision: 'images',
  jsonSchema: 'JSON by a schema',
  streaming: 'streams',
  reasoning: 'reasoning with a given effort',
};

function include({ className, rank, held }: Considered): Verdict {
  if (held !== undefined) {
    return { status: 'in', cause: 'held', reason: `holds the conversation: ${held.reason}` };
  }
  if (className === undefined)
    return { status: 'in', cause: 'named', reason: 'named by the request' };
  return rank === 0
    ? { status: 'in', cause: 'preferred', reason: `preferred by ${className}` }
    : { status: 'in', cause: 'alternative', reason: `alternative ${rank} of ${className}` };
}
