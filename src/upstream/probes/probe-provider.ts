import type { Clock } from '../../clock.ts';
import { createCallGuard } from '../call-guard.ts';
import { createFailure } from '../failure.ts';
import type { Verdict } from '../health/breaker.ts';
import { toNetworkFailure } from '../network-failure.ts';
import type { Provider } from '../provider.ts';
import { readBody } from '../read-body.ts';

/**
 * `refused`: the key is. `unsupported`: it has no list of models. `unclear`: an answer that says nothing about how it does.
 */
export type ProbeOutcome = 'ok' | 'failed' | 'refused' | 'unsupported' | 'unclear';

export interface ProbeResult {
  readonly outcome: ProbeOutcome;
  /** In words, what the provider itself says excepted. */
  readonly reason: string;
}

export interface ProbeOptions {
  readonly probe: NonNullable<Provider['probe']>;
  readonly timeoutMs: number;
  readonly clock: Clock;
  /** Ends it early. */
  readonly signal: AbortSignal;
}

/** Lists of models can be long; what is beyond is not worth a transfer. */
const longestBody = 64 * 1024;

/** Undefined when it was ended early. Rejects only with bugs. */
export async function probeProvider(options: ProbeOptions): Promise<ProbeResult | undefined> {
  const { probe, timeoutMs, clock, signal } = options;
  const guard = createCallGuard({ clock, signal });
  try {
    guard.limit(timeoutMs, createFailure('timeout', `no answer after ${timeoutMs} ms`));
    const { status, body } = await probe(guard.signal);
    return judge(status, await readBody(body, longestBody));
  } catch (error) {
    const interruption = guard.interruption();
    if (interruption?.kind === 'client-gone') return undefined;
    const failure = interruption?.failure ?? toNetworkFailure(error);
    if (failure === undefined) throw error;
    return { outcome: 'failed', reason: failure.message };
  } finally {
    guard.close();
  }
}

/** What it says about the provider as a whole. */
export function toProbeVerdict({ outcome, reason }: ProbeResult): Verdict {
  switch (outcome) {
    case 'ok':
      return { kind: 'success' };
    case 'failed':
      return { kind: 'failure', reason };
    case 'refused':
      return { kind: 'refusal', reason };
    case 'unsupported':
    case 'unclear':
      return { kind: 'none' };
  }
}

const unsupportedStatuses: ReadonlySet<number> = new Set([404, 405, 501]);

function judge(status: number, body: Buffer | undefined): ProbeResult {
  const reason = `HTTP ${status}`;
  if (status >= 200 && status < 300) return { outcome: 'ok', reason };
  if (unsupportedStatuses.has(status)) return { outcome: 'unsupported', reason };
  if (status === 401 && !isAboutPermissions(body)) return { outcome: 'refused', reason };
  return { outcome: status >= 500 ? 'failed' : 'unclear', reason };
}

/** A good key may be good for asking models and for nothing else; some say that with 403, some with 401. */
function isAboutPermissions(body: Buffer | undefined): boolean {
  return /\b(permissions?|scopes?)\b/i.test(body?.toString() ?? '');
}
