import { describe, expect, it } from 'vitest';
import { parseTraceparent } from '../../../src/telemetry/traces/traceparent.ts';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const spanId = '00f067aa0ba902b7';

describe('a traceparent', () => {
  it('says who asked, and whether the trace is kept', () => {
    expect(parseTraceparent(`00-${traceId}-${spanId}-01`)).toEqual({
      traceId,
      spanId,
      sampled: true,
    });
    expect(parseTraceparent(`00-${traceId}-${spanId}-00`)?.sampled).toBe(false);
    expect(parseTraceparent(`00-${traceId}-${spanId}-03`)?.sampled).toBe(true);
  });

  it('may be of a later version, and then longer', () => {
    expect(parseTraceparent(`01-${traceId}-${spanId}-01-more`)?.traceId).toBe(traceId);
  });

  it.each([
    [undefined],
    [''],
    ['nonsense'],
    [`00-${traceId}-${spanId}`],
    [`00-${traceId}-${spanId}-1`],
    [`00-${traceId}-${spanId}-01-more`],
    [`00-${traceId}-${spanId}-01 `],
    [`00-${traceId}-${spanId}-01\n`],
    [`ff-${traceId}-${spanId}-01`],
    [`01-${traceId}-${spanId}-01more`],
    [`00-${traceId.toUpperCase()}-${spanId}-01`],
    [`00-${'0'.repeat(32)}-${spanId}-01`],
    [`00-${traceId}-${'0'.repeat(16)}-01`],
    [`00-${traceId}-${spanId}-01, 00-${traceId}-${spanId}-01`],
  ])('is ignored when it is malformed: %j', (header) => {
    expect(parseTraceparent(header)).toBeUndefined();
  });
});
