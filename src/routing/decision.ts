import type { HeadReasons } from '../classifier/explain-head.ts';
import type { ClassProbability } from './classify.ts';
import type { ContextFacts } from './conversation/weigh-turns.ts';

/** Who weighs, from cheap to dear: see docs/decisions/0014. */
export type TierName = 'static' | 'transformer';

/** Why the default class serves instead of the most likely one. */
export type AbstainReason =
  /** No class is likely enough. */
  | 'low-confidence'
  /** It is unlike every example. */
  | 'out-of-scope'
  /** There is no text to decide by: images only, or nobody asked anything. */
  | 'no-ask'
  /** The encoder did not answer in time. */
  | 'embedder-late'
  /** The encoder does not answer at all. */
  | 'embedder-down';

/** What the decision rests on. */
export type Basis =
  /** The most likely class, weighed by head and neighbours. */
  | { readonly kind: 'posterior' }
  /** The prompt equals an example. */
  | { readonly kind: 'example'; readonly exampleId: string }
  | { readonly kind: 'abstained'; readonly reason: AbstainReason }
  /** The request names the class or the model. */
  | { readonly kind: 'forced' };

export interface DecisionNeighbour {
  readonly id: string;
  readonly text: string;
  readonly className: string;
  readonly similarity: number;
}

/** What was read to decide. */
export interface AskFacts {
  /** Its beginning; never stored or logged from here. */
  readonly excerpt: string;
  readonly characters: number;
  /** Of a long ask only its beginning and its end are read. */
  readonly read: 'whole' | 'ends';
  /** Tokens that the encoder saw; undefined when it was not asked. */
  readonly tokens: number | undefined;
}

/** The outcome of routing one request. A value: it can be logged, compared and replayed. */
export interface Decision {
  /** The class that serves; undefined when the request names a model. */
  readonly className: string | undefined;
  /** The probability of that class; undefined when nothing was weighed. */
  readonly confidence: number | undefined;
  readonly basis: Basis;
  /** Who weighed the posterior; undefined where nothing was weighed. */
  readonly tier: TierName | undefined;
  /** Every class, most likely first; empty when nothing was weighed. */
  readonly posterior: readonly ClassProbability[];
  /** Why the head favours the most likely class; undefined where it was not asked. */
  readonly reasons: HeadReasons | undefined;
  /** Nearest first; empty, too, where the tier that decided looks for none. */
  readonly neighbours: readonly DecisionNeighbour[];
  /** What came before the ask; undefined where it opens the conversation, or nothing was weighed. */
  readonly context: ContextFacts | undefined;
  readonly ask: AskFacts | undefined;
  /** What it was made with. */
  readonly bundle: { readonly encoderHash: string; readonly exampleSetHash: string };
}

/** The classes in the order in which their models are to be tried. */
export function classOrder(decision: Decision): string[] {
  const ranked = decision.posterior.map(({ className }) => className);
  return [
    ...new Set([...(decision.className === undefined ? [] : [decision.className]), ...ranked]),
  ];
}
