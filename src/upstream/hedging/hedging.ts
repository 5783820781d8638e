// When a second model is asked beside the first, which is late, so that whoever answers sooner serves.
import type { Clock } from '../../clock.ts';
import type { Prices } from '../../config/prices.ts';
import type { Attempt } from '../attempt.ts';
import type { Deployment } from '../deployment.ts';
import type { ClientRequest } from '../exchange.ts';
import type { Target } from '../target.ts';
import { isHarmlessTwice } from './is-harmless-twice.ts';
import { createLatencyMemory } from './latency-memory.ts';
import { createShareCap } from './share-cap.ts';

interface HedgingSettings {
  /** Of the requests, that may be hedged. */
  readonly share: number;
  /** Of what the prompts of all requests cost, that those of hedges may cost. */
  readonly costShare: number;
  /** So many calls of a model have to be remembered before it counts as late. */
  readonly minimumCalls: number;
}

interface HedgingOptions {
  readonly settings: HedgingSettings;
  /** Undefined when unknown. */
  readonly pricesOf: (deployment: Deployment) => Prices | undefined;
  readonly clock: Clock;
}

/** Over all requests: how long models take, and what is left of hedges. */
export interface Hedging {
  forRequest(request: HedgeableRequest): RequestHedging;
}

interface HedgeableRequest {
  readonly request: Pick<ClientRequest, 'protocol' | 'json' | 'stream'>;
  /** Estimated. */
  readonly promptTokens: number;
  /** Of the plan. */
  readonly targets: readonly Target[];
}

export interface RequestHedging {
  /** After how many milliseconds without an answer this model is late; undefined when it never is. */
  lateAfterMs(target: Target): number | undefined;
  /** True, and one hedge less, when this model may be asked beside the one that is late. */
  withdraw(target: Target): boolean;
  /** What came of a call, as far as its first content. */
  observe(attempt: Attempt): void;
}

export function createHedging({ settings, pricesOf, clock }: HedgingOptions): Hedging {
  const memory = createLatencyMemory({ clock, minimumCalls: settings.minimumCalls });
  const requests = createShareCap(settings.share);
  const costs = createShareCap(settings.costShare);

  return {
    forRequest({ request, promptTokens, targets }) {
      const costOf = (deployment: Deployment) => {
        const prices = pricesOf(deployment);
        return prices && promptTokens * prices.input;
      };
      const callOf = ({ model, provider }: Deployment) => ({
        model,
        provider,
        promptTokens,
        stream: request.stream,
      });
      const isHarmless = isHarmlessTwice(request);
      const [first] = targets;
      requests.add(1);
      costs.add((first && costOf(first)) ?? 0);

      return {
        lateAfterMs: (target) => (isHarmless ? memory.p95Ms(callOf(target)) : undefined),
        withdraw(target) {
          const cost = costOf(target);
          // What nobody knows can't be kept to a share.
          if (cost === undefined || !costs.allows(cost) || !requests.allows(1)) return false;
          costs.take(cost);
          requests.take(1);
          return true;
        },
        observe(attempt) {
          const { outcome, durationMs, firstContentMs = durationMs } = attempt;
          const call = callOf(attempt);
          // One that was outrun would have taken longer. Left out, only the quick ones would be remembered, and the next
          // would count as late sooner and sooner; but its time says something only if it was among the slow by then.
          const isKnownSlow =
            outcome === 'outrun' && durationMs >= (memory.p95Ms(call) ?? Infinity);
          if (outcome === 'ok' || isKnownSlow) memory.add(call, firstContentMs);
        },
      };
    },
  };
}
