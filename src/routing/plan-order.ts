import type { Catalogue, Deployment, Model } from '../config/catalogue.ts';

/** Within a class: as configured, the cheapest first, or those of the highest tier first. */
export type PlanOrder = 'preferred' | 'cheap' | 'best';

/** The model that holds a conversation, and the provider that has served it. */
export interface HeldModel {
  readonly model: string;
  readonly provider: string;
  /** The class that it goes on serving; undefined where that is the class that it is considered for. */
  readonly className: string | undefined;
  readonly reason: string;
}

/** A model that a request may go to. */
export interface Considered {
  readonly model: Model;
  readonly className: string | undefined;
  /** 0 is the class's preferred model. */
  readonly rank: number;
  /** Where it holds the conversation. */
  readonly held?: HeldModel;
}

interface Aim {
  readonly catalogue: Catalogue;
  readonly classes: readonly string[];
  readonly model?: string | undefined;
  readonly order?: PlanOrder;
  readonly held?: HeldModel | undefined;
}

/** Every model that the request may go to, once, in the order in which they are tried. */
export function considered(aim: Aim): Considered[] {
  const all = ofClasses(aim);
  const { held } = aim;
  const model = held && aim.catalogue.models.get(held.model);
  if (held === undefined || model === undefined) return all;
  // No class that is considered needs to have it, where nothing could be weighed.
  const found = all.find((each) => each.model === model);
  const className = held.className ?? found?.className;
  const first = { model, className, rank: found?.rank ?? 0, held };
  return [first, ...all.filter((each) => each !== found)];
}

function ofClasses({ catalogue, classes, model, order }: Aim): Considered[] {
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
      return models.toSorted((a, b) => cheapestOf(a) - cheapestOf(b));
    case 'best':
      return models.toSorted((a, b) => b.tier - a.tier);
  }
}

/**
 * Those of one model. Where the cheapest are wanted, the balance tells only those of one price apart; who has served the
 * conversation comes before either.
 */
export function inAskingOrder(
  deployments: readonly Deployment[],
  how: {
    readonly balance?: (deployments: readonly Deployment[]) => readonly Deployment[];
    readonly order?: PlanOrder;
    readonly served?: string | undefined;
  },
): readonly Deployment[] {
  const balanced = how.balance?.(deployments) ?? deployments;
  const ordered =
    how.order === 'cheap' ? balanced.toSorted((a, b) => priceOf(a) - priceOf(b)) : balanced;
  const hasServed = ({ provider }: Deployment) => Number(provider === how.served);
  return ordered.toSorted((a, b) => hasServed(b) - hasServed(a));
}

function cheapestOf({ deployments }: Model): number {
  return Math.min(...deployments.map(priceOf));
}

/** Of a token in and a token out; a price that nobody knows may be any. */
function priceOf({ prices }: Deployment): number {
  return prices === undefined ? Number.MAX_VALUE : prices.input + prices.output;
}
