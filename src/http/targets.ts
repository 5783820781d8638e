import type { Catalogue } from '../config/catalogue.ts';
import { type Candidate, demoName } from '../routing/plan.ts';
import type { Target } from '../upstream/target.ts';

/** The included candidates, resolved to what has to be called. */
export function toTargets(candidates: readonly Candidate[], catalogue: Catalogue): Target[] {
  return candidates
    .filter(({ status }) => status === 'in')
    .flatMap((candidate) => {
      const isDemo = candidate.provider === demoName;
      const model = catalogue.models.get(isDemo ? (candidates[0]?.model ?? '') : candidate.model);
      if (model === undefined) return [];
      return {
        model: candidate.model,
        provider: candidate.provider,
        upstreamModel: isDemo ? model.name : model.upstreamName,
        className: candidate.className,
        contextWindow: model.contextWindow,
        timeouts: model.timeouts,
      };
    });
}
