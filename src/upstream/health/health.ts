// Who can be asked: a breaker for every model at every provider of it, and one for every provider, which all of its models share.
import type { Clock } from '../../clock.ts';
import { deploymentName } from '../../config/deployment-name.ts';
import type { Random } from '../../random.ts';
import type { Deployment } from '../deployment.ts';
import { type Failure, type FailureCause, failureTable } from '../failure.ts';
import { type Breaker, type BreakerState, createBreaker, type Verdict } from './breaker.ts';
import type { BreakerSettings } from './breaker-settings.ts';
import { findUnavailability, type Unavailability, usualWaitMs } from './unavailability.ts';

interface NamedDeployment extends Deployment {
  /** What operators know it by. */
  readonly name: string;
}

/** How a call ended, as far as it matters here. */
export type CallEnd =
  | { readonly kind: 'ok' }
  | { readonly kind: 'client-gone' }
  | { readonly kind: 'failed'; readonly failure: Failure };

/** Calls whose latencies can be compared: streams up to their first content, whole replies, and what is neither. */
export type CallKind = 'stream' | 'plain' | 'other';

interface AdmitOptions {
  /** Asks what is out of order, once at a time. */
  readonly force?: boolean;
  readonly kind?: CallKind;
}

interface Permit {
  /** The first content of a stream has come. */
  begun?(): void;
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
  /** Undefined when it is not to be asked. */
  admit(deployment: Deployment, options?: AdmitOptions): Permit | undefined;
  /** What was found out about a provider without asking any of its models. */
  hear(provider: string, verdict: Verdict): void;
  /** Whether it can be asked, for those who do not mean to. */
  isUp(deployment: Deployment): boolean;
  report(): BreakerReport[];
  /** Until it is released: one deployment, or all of a model. The names of those that it meant. */
  isolate(name: string, reason: string): string[];
  /** The same with their providers, whatever happened to them. */
  release(name: string): string[];
}

export interface HealthOptions {
  readonly deployments: readonly NamedDeployment[];
  readonly settings: BreakerSettings;
  readonly clock: Clock;
  readonly random: Random;
  readonly onChange: (report: Omit<BreakerReport, 'notBeforeMs'>) => void;
}

/** For those who want no breakers: everything is asked, whatever happened. */
export const alwaysWell: Health = {
  whyUnavailable: () => undefined,
  admit: () => ({ settle() {} }),
  hear() {},
  isUp: () => true,
  report: () => [],
  isolate: () => [],
  release: () => [],
};

/** What says something about everything that the provider has. */
const ofProvider: ReadonlySet<FailureCause> = new Set(['connect', 'dns', 'tls', 'auth']);

/** A key that is good may still be kept from one of the models: that is what 403 says. */
function isAboutProvider({ cause, status }: Failure): boolean {
  return ofProvider.has(cause) && status !== 403;
}

export function createHealth(options: HealthOptions): Health {
  const { deployments, clock, random, settings } = options;
  const open = (kind: BreakerReport['kind'], name: string): NamedBreaker => {
    const onChange = (state: BreakerState) => options.onChange({ kind, name, state });
    return { kind, name, breaker: createBreaker({ settings, clock, random, onChange }) };
  };
  const models = new Map(
    deployments.map((each) => [deploymentName(each), open('model', each.name)] as const),
  );
  const providerNames = new Set(deployments.map(({ provider }) => provider));
  const providers = new Map([...providerNames].map((name) => [name, open('provider', name)]));

  function partsOf(deployment: Deployment): readonly Breaker[] {
    const parts = [models.get(deploymentName(deployment)), providers.get(deployment.provider)];
    return parts.flatMap((part) => part?.breaker ?? []);
  }

  function meantBy(name: string): readonly NamedDeployment[] {
    return deployments.filter((each) => each.name === name || each.model === name);
  }

  return {
    whyUnavailable(deployment) {
      for (const breaker of partsOf(deployment)) {
        const reason = findUnavailability(breaker, clock.now(), random);
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
    hear: (provider, verdict) => providers.get(provider)?.breaker.hear(verdict),
    isUp: (deployment) => partsOf(deployment).every(isUp),
    report: () => [...models.values(), ...providers.values()].map(toReport),
    isolate(name, reason) {
      const meant = meantBy(name);
      for (const each of meant) models.get(deploymentName(each))?.breaker.isolate(reason);
      return meant.map((each) => each.name);
    },
    release(name) {
      const meant = meantBy(name);
      for (const breaker of meant.flatMap(partsOf)) breaker.release();
      return meant.map((each) => each.name);
    },
  };
}

interface NamedBreaker extends Pick<BreakerReport, 'kind' | 'name'> {
  readonly breaker: Breaker;
}

function toReport({ kind, name, breaker }: NamedBreaker): BreakerReport {
  return { kind, name, state: breaker.state(), notBeforeMs: breaker.notBeforeMs() };
}

function isUp(breaker: Breaker): boolean {
  const { kind } = breaker.state();
  return kind !== 'open' && kind !== 'isolated' && breaker.notBeforeMs() === undefined;
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
