// Whether a conversation stays with the model that served it last.
import type { Prices } from '../../config/prices.ts';
import type { Decision } from '../decision.ts';
import { isNewTask } from './weigh-turns.ts';

/** What is remembered of a conversation between two requests. */
export interface Held {
  readonly model: string;
  /** Who served the model, and may have the prompt in its cache. */
  readonly provider: string;
  /** Other providers have served turns of it, too. */
  readonly isMixed: boolean;
  /** The class that the model served; undefined where the client named the model. */
  readonly className: string | undefined;
  /** False where nobody was sure what it served, or the client had named it: then it holds until the human speaks again. */
  readonly isSure: boolean;
  /** Of the human turn that it served last; undefined where nobody could see it. */
  readonly turn: string | undefined;
  /** When that was, in milliseconds since the epoch. */
  readonly atMs: number;
  /** What the model had read by then, and may have in its prompt cache. */
  readonly promptTokens: number;
  /** How many turns in a row have asked for a weaker model since. */
  readonly weakTurns: number;
}

export interface HoldSettings {
  /** How long providers keep a prompt cached. */
  readonly cacheTtlMs: number;
  /** What it is worth to be served by the right class's model, in US dollars a turn. */
  readonly rightClassUsd: number;
  /** How many turns in a row have to ask for a weaker model before it serves. */
  readonly weakTurns: number;
}

/** A model as far as leaving it or going there matters. */
export interface Side {
  readonly name: string;
  readonly tier: number;
  readonly prices: Prices | undefined;
}

export interface HoldRequest {
  readonly held: Held;
  readonly decision: Decision;
  /** Of the human turn to be served; undefined where the request does not hold it. */
  readonly turn: string | undefined;
  /** Tools were called since the human spoke. */
  readonly isUnderWay: boolean;
  readonly promptTokens: number;
  /** Who served last. */
  readonly from: Side;
  /** Who would serve by the decision alone. */
  readonly to: Side;
  readonly nowMs: number;
}

/** The two sides of leaving the model that holds the prompt cache, in US dollars. */
interface SwitchSum {
  /** What the new model is paid for reading again what the old one has cached. */
  readonly costUsd: number;
  /** By how much likelier the new class is right, times what that is worth. */
  readonly gainUsd: number;
}

export interface Hold {
  readonly kind: 'stays' | 'leaves';
  readonly reason: string;
  /** Undefined where no sum was needed. */
  readonly sum: SwitchSum | undefined;
  readonly weakTurns: number;
}

/** The conversation goes where the decision alone sends it. */
export function leave(reason: string, sum?: SwitchSum): Hold {
  return { kind: 'leaves', reason, sum, weakTurns: 0 };
}

/**
 * An agent stays with one model until the human speaks again. Then a stronger model takes over at once where the decision
 * is sure, a weaker one only after several turns in a row or for a new task, and either only if that is worth what
 * reading everything again costs.
 */
export function weighHold(request: HoldRequest, settings: HoldSettings): Hold {
  const { held, decision, turn, isUnderWay, from, to } = request;
  const stays = (reason: string, weakTurns = held.weakTurns): Hold => ({
    kind: 'stays',
    reason,
    sum: undefined,
    weakTurns,
  });
  const isSameTurn = turn === undefined || held.turn === turn;
  if (isUnderWay && isSameTurn) return stays('at work on the same request');
  if (from.name === to.name) return stays('serves by the decision, too', 0);
  if (!held.isSure) return leave('nobody was sure that it was to serve');
  if (decision.basis.kind === 'abstained') return stays('unsure what this turn asks');

  const weakTurns = to.tier < from.tier ? held.weakTurns + 1 : 0;
  if (!isNewTask(decision.context) && weakTurns > 0 && weakTurns < settings.weakTurns) {
    const reason = `turn ${weakTurns} of ${settings.weakTurns} in a row that asks for a weaker model`;
    return stays(reason, weakTurns);
  }
  const sum = sumOf(request, settings);
  const amounts = `leaving costs $${sum.costUsd.toFixed(4)} and gains $${sum.gainUsd.toFixed(4)}`;
  return sum.costUsd > sum.gainUsd
    ? { kind: 'stays', reason: amounts, sum, weakTurns }
    : leave(amounts, sum);
}

function sumOf(
  { held, decision, promptTokens, from, to, nowMs }: HoldRequest,
  { cacheTtlMs, rightClassUsd }: HoldSettings,
): SwitchSum {
  const isWarm = nowMs - held.atMs <= cacheTtlMs;
  const cachedTokens = isWarm ? Math.min(held.promptTokens, promptTokens) : 0;
  const cached = from.prices?.cachedInput ?? from.prices?.input;
  // A price that nobody knows can't be held against anybody.
  const extra = cached === undefined || to.prices === undefined ? 0 : to.prices.input - cached;
  const probabilityOf = (name: string | undefined) =>
    decision.posterior.find(({ className }) => className === name)?.probability ?? 0;
  const likelier = probabilityOf(decision.className) - probabilityOf(held.className);
  return {
    costUsd: (cachedTokens * Math.max(0, extra)) / 1e6,
    gainUsd: Math.max(0, likelier) * rightClassUsd,
  };
}
