// Who can be asked: a breaker for every model, and one for every provider, which all of its models share.
import type { Clock } from '../../clock.ts';
import type { Random } from '../../random.ts';
import { type Failure, type FailureCause, failureTable } from '../failure.ts';
import {
  type Breaker,
  type BreakerSettings,
  type BreakerState,
  createBreaker,
  type Verdict,
} from './breaker.ts';

interface Deployment {
  readonly model: string;
  readonly provider: string;
}

/** How a call ended, as far as it matters here. */
export type CallEnd =
  | { readonly kind: 'ok' }
  | { readonly kind: 'client-gone' }
  | { readonly kind: 'failed'; readonly failure: Failure };

/** Why a model is not to be asked now: it is out of order, limits the rate, or was put aside by hand. */
interface Unavailability {
  readonly cause: 'unhealthy' | 'rate-limited' | 'isolated';
  readonly reason: string;
  /** When it is worth trying again, in milliseconds since the epoch; undefined when nobody knows. */
  readonly untilMs: number | undefined;
}

interface Permit {
  /** What came of the call; a stream's at its end. */
  settle(end: CallEnd): void;
}

export interface BreakerReport {
  readonly kind: 'model' | 'provider';
  readonly name: string;
  readonly state: BreakerState;
  /** Until when it wants to be left alone, in milliseconds since the epoch. */
  readonly notBeforeMs: number | undefined;
}

export interface Health {
  /** Undefined when it can be asked. What is coming back is drawn anew each time. */
  whyUnavailable(deployment: Deployment): Unavailability | undefined;
  /** Undefined when it is not to be asked. `force` asks what is out of order, once at a time. */
  admit(deployment: Deployment, options?: { readonly force?: boolean }): Permit | undefined;
  /** Whether it can be asked, for those who do not mean to. */
  isUp(deployment: Deployment): boolean;
  report(): BreakerReport[];
  /** Until it is released. False when there is no such model. */
  isolate(model: string, reason: string): boolean;
  /** The model and its provider, whatever happened to them. False when there is no such model. */
  release(model: string): boolean;
}

export interface HealthOptions {
  readonly deployments: readonly Deployment[];
  readonly settings: BreakerSettings;
  readonly clock: Clock;
  readonly random: Random;
  readonly onChange: (report: Omit<BreakerReport, 'notBeforeMs'>) => void;
}

/** For those who want no breakers: everything is asked, whatever happened. */
export const alwaysWell: Health = {
  whyUnavailable: () => undefined,
  admit: () => ({ settle() {} }),
  isUp: () => true,
  report: () => [],
  isolate: () => false,
  release: () => false,
};

/** What says something about everything that the provider has. */
const ofProvider: ReadonlySet<FailureCause> = new Set(['connect', 'dns', 'tls', 'auth']);

/** Where nobody knows for how long. */
const usualWaitMs = 1_000;

/** A key that is good may still be kept from one of the models: that is what 403 says. */
function isAboutProvider({ cause, status }: Failure): boolean {
  return ofProvider.has(cause) && status !== 403;
}

export function createHealth(options: HealthOptions): Health {
  const { deployments, clock, random, settings } = options;
  const open = (kind: BreakerReport['kind'], name: string): [string, Breaker] => [
    name,
    createBreaker({
      settings,
      clock,
      random,
      onChange: (state) => options.onChange({ kind, name, state }),
    }),
  ];
  const models = new Map(deployments.map(({ model }) => open('model', model)));
  const providerNames = new Set(deployments.map(({ provider }) => provider));
  const providers = new Map([...providerNames].map((name) => open('provider', name)));

  function partsOf({ model, provider }: Deployment): readonly Breaker[] {
    return [models.get(model), providers.get(provider)].filter((part) => part !== undefined);
  }

  return {
    whyUnavailable(deployment) {
      for (const breaker of partsOf(deployment)) {
        const reason = describe(breaker, clock.now(), random);
        if (reason !== undefined) return reason;
      }
      return undefined;
    },
    admit(deployment, how) {
      const permits: { settle(verdict: Verdict): void }[] = [];
      for (const breaker of partsOf(deployment)) {
        const permit = breaker.admit(how);
        if (permit === undefined) {
          for (const given of permits) given.settle({ kind: 'none' });
          return undefined;
        }
        permits.push(permit);
      }
      const [ofModel, ofItsProvider] = permits;
      return {
        settle(end) {
          const verdict = toVerdict(end);
          const isOfProvider = end.kind === 'failed' && isAboutProvider(end.failure);
          ofModel?.settle(isOfProvider ? { kind: 'none' } : verdict);
          ofItsProvider?.settle(isOfProvider ? verdict : toReachVerdict(end));
        },
      };
    },
    isUp: (deployment) => partsOf(deployment).every(isUp),
    report: () => [...reportsOf('model', models), ...reportsOf('provider', providers)],
    isolate(model, reason) {
      models.get(model)?.isolate(reason);
      return models.has(model);
    },
    release(model) {
      const deployment = deployments.find((each) => each.model === model);
      for (const breaker of deployment === undefined ? [] : partsOf(deployment)) breaker.release();
      return deployment !== undefined;
    },
  };
}

function reportsOf(
  kind: BreakerReport['kind'],
  breakers: ReadonlyMap<string, Breaker>,
): BreakerReport[] {
  return [...breakers].map(([name, breaker]) => ({
    kind,
    name,
    state: breaker.state(),
    notBeforeMs: breaker.notBeforeMs(),
  }));
}

function isUp(breaker: Breaker): boolean {
  const { kind } = breaker.state();
  return kind !== 'open' && kind !== 'isolated' && breaker.notBeforeMs() === undefined;
}

function describe(breaker: Breaker, nowMs: number, random: Random): Unavailability | undefined {
  const state = breaker.state();
  const inSeconds = (untilMs: number) => `${Math.ceil((untilMs - nowMs) / 1_000)} s`;
  switch (state.kind) {
    case 'isolated':
      return { cause: 'isolated', reason: `isolated: ${state.reason}`, untilMs: undefined };
    case 'open': {
      const reason = `out of order (${state.reason}); tried again in ${inSeconds(state.untilMs)}`;
      return { cause: 'unhealthy', reason, untilMs: state.untilMs };
    }
    case 'probing':
      if (state.isFull) {
        const reason = `out of order (${state.reason}); being tried now`;
        return { cause: 'unhealthy', reason, untilMs: nowMs + usualWaitMs };
      }
      break;
    case 'recovering':
      if (random() >= state.share) {
        const reason = `coming back: it gets ${Math.round(state.share * 100)} % of its requests`;
        return { cause: 'unhealthy', reason, untilMs: nowMs + usualWaitMs };
      }
      break;
    case 'closed':
      break;
  }
  const untilMs = breaker.notBeforeMs();
  if (untilMs === undefined) return undefined;
  const reason = `limits the rate for another ${inSeconds(untilMs)}`;
  return { cause: 'rate-limited', reason, untilMs };
}

/** Whoever answers at all is reached, and takes the key. */
function toReachVerdict(end: CallEnd): Verdict {
  const hasAnswered =
    end.kind === 'ok' || (end.kind === 'failed' && end.failure.status !== undefined);
  return { kind: hasAnswered ? 'success' : 'none' };
}

function toVerdict(end: CallEnd): Verdict {
  if (end.kind === 'ok') return { kind: 'success' };
  if (end.kind === 'client-gone') return { kind: 'none' };
  const { cause, message, retryAfterMs = usualWaitMs } = end.failure;
  switch (failureTable[cause].verdict) {
    case 'failure':
      return { kind: 'failure', reason: message };
    case 'refusal':
      return { kind: 'refusal', reason: message };
    case 'wait':
      return { kind: 'wait', forMs: retryAfterMs };
    case 'none':
      return { kind: 'none' };
  }
}
