import type { Routed } from './route-request.ts';

const shownClasses = 5;
const shownNeighbours = 5;
const longestHeader = 6_000;

/** What a decision rests on and what became of each candidate, short enough for a header: JSON in ASCII. */
export function explainInHeader({ decision, candidates, hold }: Routed): string {
  const { reasons, context } = decision;
  const facts = {
    basis: decision.basis,
    posterior: decision.posterior
      .slice(0, shownClasses)
      .map(({ className, probability }) => [className, rounded(probability)]),
    neighbours: decision.neighbours
      .slice(0, shownNeighbours)
      .map(({ id, className, similarity }) => [id, className, rounded(similarity)]),
    ...(context && { contextTurns: context.turns, contextShare: rounded(context.share) }),
    ...(hold && { hold: [hold.model, hold.kind, hold.reason] }),
    ...(reasons && {
      wording: reasons.wording.map(({ kind, text, weight }) => [kind, text, rounded(weight)]),
      meaningShare: rounded(reasons.meaningShare),
    }),
    candidates: candidates.map(({ model, status, reason }) => [model, status, reason]),
  };
  const text = toAscii(facts);
  // Clients refuse headers that are too long, and the whole reply with them; all of it is at POST /v1/route.
  return text.length <= longestHeader ? text : toAscii({ ...facts, candidates: [] });
}

function toAscii(facts: object): string {
  return JSON.stringify(facts).replace(
    /[^\x20-\x7e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function rounded(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
