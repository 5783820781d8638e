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
