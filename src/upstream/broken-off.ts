import { toErrorFrame } from '../error-shapes.ts';
import { type ErrorCode, RouterError } from '../errors.ts';
import { parseJsonObject } from '../json.ts';
import type { Protocol } from '../protocol.ts';
import type { Failure } from './failure.ts';
import { parseFrame } from './sse.ts';

/** Tells the client that its stream ends here, after the last event that it got. */
export function toBrokenOffFrame(
  failure: Failure,
  protocol: Protocol,
  lastEvent: Buffer | undefined,
): Buffer {
  const error = new RouterError(toErrorCode(failure), `The stream broke off: ${failure.message}.`);
  return toErrorFrame(protocol, error, sequenceNumberAfter(lastEvent));
}

function toErrorCode({ cause }: Failure): ErrorCode {
  if (cause === 'timeout' || cause === 'deadline') return 'upstream_timeout';
  return cause === 'rate-limited' ? 'rate_limit_exceeded' : 'upstream_error';
}

/** The events of the Responses API count from 0. */
function sequenceNumberAfter(event: Buffer | undefined): number {
  const data = event === undefined ? undefined : parseFrame(event).data;
  const number = parseJsonObject(data ?? '')?.['sequence_number'];
  return typeof number === 'number' ? number + 1 : 0;
}
