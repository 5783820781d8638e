import type { Held } from './conversation/hold.ts';
import type { Candidate } from './plan.ts';

/**
 * Puts the model that holds a conversation before the others, the deployment that has served before its sisters. It
 * stands for the class that it has served so far, where one is given. No more are asked than before: where it was not
 * among those, the last of them makes room. Undefined where it can't serve the request at all.
 */
export function holdFirst(
  candidates: readonly Candidate[],
  held: Pick<Held, 'model' | 'provider' | 'className'> & { readonly reason: string },
): readonly Candidate[] | undefined {
  const deployments = candidates.filter((each) => each.model === held.model && canServe(each));
  const [found] = deployments;
  if (found === undefined) return undefined;
  const hasServed = ({ provider }: Candidate) => provider === held.provider;
  const first = deployments
    .toSorted((a, b) => Number(hasServed(b)) - Number(hasServed(a)))
    .map((candidate): Candidate => {
      const where = deployments.length > 1 ? `${candidate.provider}: ` : '';
      const reason = `${where}holds the conversation: ${held.reason}`;
      const className = held.className ?? candidate.className;
      return { ...candidate, className, status: 'in', cause: 'held', reason };
    });
  const others = candidates.filter((candidate) => !deployments.includes(candidate));

  const limit = candidates.find(({ cause }) => cause === 'no-fallback');
  if (limit !== undefined) {
    const [only, ...rest] = [...first, ...others];
    return only && [only, ...rest.map((each) => exclude(each, limit))];
  }
  const last = others.findLast(({ status }) => status === 'in')?.model;
  const makesRoom = ({ model }: Candidate) => found.status === 'out' && model === last;
  return [...first, ...others.map((each) => (makesRoom(each) ? exclude(each, found) : each))];
}

function canServe({ status, cause }: Candidate): boolean {
  return status === 'in' || cause === 'attempt-limit' || cause === 'no-fallback';
}

function exclude(candidate: Candidate, { cause, reason }: Candidate): Candidate {
  return candidate.status === 'in' ? { ...candidate, status: 'out', cause, reason } : candidate;
}
