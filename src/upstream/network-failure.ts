import { BrokenReplyError } from './broken-reply-error.ts';
import { createFailure, type Failure, type FailureCause } from './failure.ts';

const causeOfCode: Readonly<Record<string, FailureCause>> = {
  ECONNREFUSED: 'connect',
  EHOSTUNREACH: 'connect',
  ENETUNREACH: 'connect',
  EADDRNOTAVAIL: 'connect',
  ETIMEDOUT: 'connect',
  UND_ERR_CONNECT_TIMEOUT: 'connect',
  ENOTFOUND: 'dns',
  EAI_AGAIN: 'dns',
  EAI_FAIL: 'dns',
  EPROTO: 'tls',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'tls',
  SELF_SIGNED_CERT_IN_CHAIN: 'tls',
};

const messageOfCause: Partial<Record<FailureCause, string>> = {
  connect: 'could not connect',
  dns: 'could not find the host',
  tls: 'could not agree on a secure connection',
  reset: 'the connection broke',
};

/**
 * What a rejected call or a torn body means; undefined when it is not the network's doing (a bug,
 * or an error made on purpose). Messages name the error code only: others may quote what we sent.
 */
export function toNetworkFailure(thrown: unknown): Failure | undefined {
  if (thrown instanceof BrokenReplyError) return createFailure('broken-reply', thrown.message);
  if (!(thrown instanceof Error)) return undefined;
  // undici gives some of these a code (HPE_…) and some none.
  if (thrown.name === 'HTTPParserError') {
    return createFailure('broken-reply', 'the reply is not valid HTTP');
  }
  const code = 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : '';
  const cause = causeOf(code);
  if (cause === undefined) return toNetworkFailure(thrown.cause);
  return createFailure(cause, `${messageOfCause[cause]} (${code})`);
}

function causeOf(code: string): FailureCause | undefined {
  const known = causeOfCode[code];
  if (known !== undefined) return known;
  if (/^(ERR_TLS_|ERR_SSL_|CERT_|UNABLE_TO_)/.test(code)) return 'tls';
  return /^(UND_ERR_(?!INVALID_)|E(?!RR_)[A-Z])/.test(code) ? 'reset' : undefined;
}
