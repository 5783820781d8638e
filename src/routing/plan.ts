import type { Catalogue, Model } from '../config/catalogue.ts';
import type { Capability } from '../config/schema.ts';
import type { Protocol } from '../protocol.ts';

/** A model that could serve the request, with the reason it is in or out of the plan. */
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

/** Within a class: as configured, the cheapest first, or those of the highest tier first. */
export type PlanOrder = 'preferred' | 'cheap' | 'best';

type Verdict = Pick<Candidate, 'status' | 'cause' | 'reason' | 'untilMs'>;

export interface PlanRequest {
  readonly catalogue: Catalogue;
  /** Classes in the order in which their models are tried. */
  readonly classes: readonly string[];
  /** The model that the request names: then it is the only one. */
  readonly model?: string | undefined;
  /** Estimated tokens of the prompt with the room that the reply asks for. */
  readonly tokens: number;
  readonly maxAttempts: number;
  /** Only the first that can serve is asked. */
  readonly noFallback?: boolean;
  readonly order?: PlanOrder;
  /** What the model must be able to do. */
  readonly needs?: readonly Capability[];
  /** Why the request can't be put to a model in a protocol that it speaks; undefined when it can. */
  readonly whyUnspeakable?: (model: Model) => string | undefined;
  /** Why a model is not to be asked now; undefined when it can be. */
  readonly whyUnavailable?: (model: Model) => Unavailability | undefined;
}

/** The built-in provider and model that answers while no other can. */
export const demoName = 'demo';
export const demoSpeaks: readonly Protocol[] = ['chat'];

/**
 * `[class 1's preferred, class 1's others, class 2's preferred, …]`, each model once, filtered by
 * what can serve the request. When all that could are out of order, the one that is to be tried again soonest gets one
 * last try. Only when no provider at all is usable, the demo is the last resort.
 */
export function createPlan(request: PlanRequest): Candidate[] {
  const candidates: Candidate[] = [];
  let included = 0;
  const all = considered(request);
  for (const { model, className, rank } of all) {
    const verdict = findExclusion(model, request, included) ?? include(className, rank);
    if (verdict.status === 'in') included += 1;
    candidates.push({ model: model.name, provider: model.provider, className, ...verdict });
  }
  if (included === 0) giveLastTry(candidates);
  const isAnythingUsable = request.catalogue.providers.some(
    ({ unusable }) => unusable === undefined,
  );
  const [first] = all;
  return isAnythingUsable || first === undefined
    ? candidates
    : [...candidates, toLastResort(first, request)];
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

function toLastResort({ model, className }: Considered, request: PlanRequest): Candidate {
  const unspeakable = request.whyUnspeakable?.({ ...model, speaks: demoSpeaks });
  const verdict: Verdict =
    unspeakable === undefined
      ? {
          status: 'in',
          cause: 'last-resort',
          reason: `stands in for ${model.name}: no provider is usable`,
        }
      : { status: 'out', cause: 'protocol', reason: unspeakable };
  return { model: demoName, provider: demoName, className, ...verdict };
}

interface Considered {
  readonly model: Model;
  readonly className: string | undefined;
  /** 0 is the class's preferred model. */
  readonly rank: number;
}

function considered({ catalogue, classes, model, order }: PlanRequest): Considered[] {
  const all: Considered[] = [];
  const seen = new Set<Model>();
  const resolve = (names: readonly string[]) =>
    names.flatMap((name) => catalogue.models.get(name) ?? []);
  if (model !== undefined) {
    return resolve([model]).map((named) => ({ model: named, className: undefined, rank: 0 }));
  }
  for (const className of classes) {
    const models = resolve(catalogue.classes.get(className)?.models ?? []);
    for (const candidate of inOrder(models, order)) {
      if (seen.has(candidate)) continue;
      seen.add(candidate);
      all.push({ model: candidate, className, rank: models.indexOf(candidate) });
    }
  }
  return all;
}

function inOrder(models: readonly Model[], order: PlanOrder = 'preferred'): readonly Model[] {
  switch (order) {
    case 'preferred':
      return models;
    case 'cheap':
      return models.toSorted((a, b) => costOf(a) - costOf(b));
    case 'best':
      return models.toSorted((a, b) => b.tier - a.tier);
  }
}

/** Of a token in and a token out; a price that nobody knows may be any. */
function costOf({ prices }: Model): number {
  return prices === undefined ? Number.MAX_VALUE : prices.input + prices.output;
}

function findExclusion(model: Model, request: PlanRequest, included: number): Verdict | undefined {
  const out = (cause: OutCause, reason: string): Verdict => ({ status: 'out', cause, reason });
  if (model.unusable !== undefined) return out('unusable', `${model.provider}: ${model.unusable}`);
  const unspeakable = request.whyUnspeakable?.(model);
  if (unspeakable !== undefined) return out('protocol', unspeakable);
  const lacking = request.needs?.find((need) => !model.capabilities[need]);
  if (lacking !== undefined) return out('capability', `can not do ${capabilityNames[lacking]}`);
  if (model.contextWindow !== undefined && request.tokens > model.contextWindow) {
    const wanted = `about ${request.tokens} tokens`;
    return out(
      'context-window',
      `its context window of ${model.contextWindow} is too small for ${wanted}`,
    );
  }
  const unavailable = request.whyUnavailable?.(model);
  if (unavailable !== undefined) {
    const { cause, reason, untilMs } = unavailable;
    return { status: 'out', cause, reason, ...(untilMs === undefined ? {} : { untilMs }) };
  }
  if (request.noFallback === true && included > 0) {
    return out('no-fallback', 'the request wants no fallback');
  }
  return included >= request.maxAttempts
    ? out('attempt-limit', `beyond the ${request.maxAttempts} attempts allowed`)
    : undefined;
}

const capabilityNames: Readonly<Record<Capability, string>> = {
  tools: 'tool calls',
  vision: 'images',
  jsonSchema: 'JSON by a schema',
  streaming: 'streams',
  reasoning: 'reasoning with a given effort',
};

function include(className: string | undefined, rank: number): Verdict {
  if (className === undefined)
    return { status: 'in', cause: 'named', reason: 'named by the request' };
  return rank === 0
    ? { status: 'in', cause: 'preferred', reason: `preferred by ${className}` }
    : { status: 'in', cause: 'alternative', reason: `alternative ${rank} of ${className}` };
}
