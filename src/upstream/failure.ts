// What a failed attempt means: one row decides what comes next, for every part.

const table = {
  connect: { consequence: 'next' },
  dns: { consequence: 'next' },
  tls: { consequence: 'next' },
  reset: { consequence: 'next' },
  timeout: { consequence: 'next' },
  'server-error': { consequence: 'next' },
  'broken-reply': { consequence: 'next' },
  'request-timeout': { consequence: 'next' },
  conflict: { consequence: 'next' },
  'too-early': { consequence: 'next' },
  'rate-limited': { consequence: 'next' },
  auth: { consequence: 'next' },
  'model-missing': { consequence: 'next' },
  // Another model may be able to, and another protocol to say it.
  unsupported: { consequence: 'next' },
  'translation-refused': { consequence: 'next' },
  'context-length': { consequence: 'larger-window' },
  'client-error': { consequence: 'stop' },
  deadline: { consequence: 'give-up' },
} as const satisfies Record<string, { consequence: Consequence }>;

/**
 * Go on with the next candidate, go on with those of a larger window only, stop because the error
 * is the client's own, or give up because there is no time for anything else.
 */
type Consequence = 'next' | 'larger-window' | 'stop' | 'give-up';

export type FailureCause = keyof typeof table;

export interface Failure {
  readonly cause: FailureCause;
  readonly consequence: Consequence;
  /** The provider's status, when it gave one. */
  readonly status?: number;
  /** When the provider said it is worth trying again, from the moment of the failure. */
  readonly retryAfterMs?: number;
  /** Safe to show: no key, no header, no long text of the provider's. */
  readonly message: string;
}

/** About what was asked: what the client is told when nobody serves. */
export function isAboutRequest({ cause }: Failure): boolean {
  return cause === 'unsupported' || cause === 'translation-refused' || cause === 'context-length';
}

/** Not to be mended by asking the same model the same again. */
export function isLasting(failure: Failure): boolean {
  return isAboutRequest(failure) || failure.cause === 'auth' || failure.cause === 'model-missing';
}

export interface FailureDetails {
  readonly status?: number | undefined;
  readonly retryAfterMs?: number | undefined;
}

export function createFailure(
  cause: FailureCause,
  message: string,
  { status, retryAfterMs }: FailureDetails = {},
): Failure {
  return {
    cause,
    consequence: table[cause].consequence,
    message,
    ...(status === undefined ? {} : { status }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
}
