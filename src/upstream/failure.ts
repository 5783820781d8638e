// What a failed attempt means: one row decides what comes next, for every part.

/**
 * What becomes of the request: go on with the next candidate, go on with those of a larger window only, stop because the
 * error is the client's own, or give up because there is no time for anything else.
 */
type Consequence = 'next' | 'larger-window' | 'stop' | 'give-up';

interface Meaning {
  readonly consequence: Consequence;
  /** Whether the same model may be asked once more before. What took a timeout to fail has had its time. */
  readonly isRetried: boolean;
  /** What it says of whoever was asked: that it is out of order, refuses us, wants to be left alone, or nothing. */
  readonly verdict: 'failure' | 'refusal' | 'wait' | 'none';
}

const outOfOrder = { consequence: 'next', isRetried: true, verdict: 'failure' } as const;
const inTheWay = { consequence: 'next', isRetried: true, verdict: 'none' } as const;
const aboutRequest = { consequence: 'next', isRetried: false, verdict: 'none' } as const;
const refused = { consequence: 'next', isRetried: false, verdict: 'refusal' } as const;

export const failureTable = {
  connect: outOfOrder,
  dns: outOfOrder,
  tls: outOfOrder,
  reset: outOfOrder,
  timeout: { consequence: 'next', isRetried: false, verdict: 'failure' },
  'server-error': outOfOrder,
  'broken-reply': outOfOrder,
  'request-timeout': inTheWay,
  conflict: inTheWay,
  'too-early': inTheWay,
  'rate-limited': { consequence: 'next', isRetried: true, verdict: 'wait' },
  auth: refused,
  'model-missing': refused,
  // Another model may be able to, and another protocol to say it.
  unsupported: aboutRequest,
  'translation-refused': aboutRequest,
  'context-length': { consequence: 'larger-window', isRetried: false, verdict: 'none' },
  'client-error': { consequence: 'stop', isRetried: false, verdict: 'none' },
  deadline: { consequence: 'give-up', isRetried: false, verdict: 'none' },
} as const satisfies Record<string, Meaning>;

export type FailureCause = keyof typeof failureTable;

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
    consequence: failureTable[cause].consequence,
    message,
    ...(status === undefined ? {} : { status }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
}
