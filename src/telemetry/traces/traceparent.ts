/** Where a request stands in the trace of whoever sent it. */
export interface Traceparent {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** 16 hexadecimal digits, of the span that the request was sent from. */
  readonly spanId: string;
  readonly sampled: boolean;
}

const shape = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const onlyZeros = /^0+$/;

/** Reads the header of W3C Trace Context (section 3.2); undefined when it is malformed, as if it had not been sent. */
export function parseTraceparent(header: string | undefined): Traceparent | undefined {
  const [, version, traceId = '', spanId = '', flags = '', more] = shape.exec(header ?? '') ?? [];
  if (version === undefined || version === 'ff') return undefined;
  // Later versions may have more fields.
  if (version === '00' && more !== undefined) return undefined;
  if (onlyZeros.test(traceId) || onlyZeros.test(spanId)) return undefined;
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

/** The header that says so to whom a request goes on. */
export function formatTraceparent({ traceId, spanId, sampled }: Traceparent): string {
  return `00-${traceId}-${spanId}-${sampled ? '01' : '00'}`;
}

const longestState = 512;
const mostMembers = 32;
const member =
  /^(?:[a-z][a-z0-9_*/-]{0,255}|[a-z0-9][a-z0-9_*/-]{0,240}@[a-z][a-z0-9_*/-]{0,13})=[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/;

/** `tracestate` (section 3.3) as it came; undefined when it is malformed, as if it had not been sent. */
export function parseTracestate(header: string | undefined): string | undefined {
  if (header === undefined || header.length > longestState) return undefined;
  const members = header.split(',').map((each) => each.trim());
  const filled = members.filter((each) => each !== '');
  const isValid = filled.length > 0 && members.length <= mostMembers;
  return isValid && filled.every((each) => member.test(each)) ? filled.join(',') : undefined;
}
