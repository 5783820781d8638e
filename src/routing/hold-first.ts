import type { Held } from './conversation/hold.ts';
import type { Candidate } from './plan.ts';

/**
 * Puts the model that holds a conversation before the others, where the plan lets it serve at all, the deployment that
 * has served before its sisters. It stands for the class that it has served so far.
 */
export function holdFirst(
  candidates: readonly Candidate[],
  held: Pick<Held, 'model' | 'provider' | 'className'> & { readonly reason: string },
): readonly Candidate[] {
  const isHeld = ({ model, status, cause }: Candidate) =>
    model === held.model && (status === 'in' || cause === 'attempt-limit');
  const first = candidates.filter(isHeld).map((candidate, _position, deployments): Candidate => {
    const where = deployments.length > 1 ? `${candidate.provider}: ` : '';
    const reason = `${where}holds the conversation: ${held.reason}`;
    return { ...candidate, className: held.className, status: 'in', cause: 'held', reason };
  });
  const hasServed = ({ provider }: Candidate) => provider === held.provider;
  return [
    ...first.filter(hasServed),
    ...first.filter((candidate) => !hasServed(candidate)),
    ...candidates.filter((candidate) => !isHeld(candidate)),
  ];
}
