import { describe, expect, it } from 'vitest';
import {
  formatTraceparent,
  parseTraceparent,
  parseTracestate,
} from '../../../src/telemetry/traces/traceparent.ts';

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

  it('is written as it is read', () => {
    for (const header of [`00-${traceId}-${spanId}-01`, `00-${traceId}-${spanId}-00`]) {
      const read = parseTraceparent(header);
      expect(read && formatTraceparent(read)).toBe(header);
    }
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

describe('a tracestate', () => {
  it.each([
    ['a=1', 'a=1'],
    ['a=1,tenant@vendor=x:y/z', 'a=1,tenant@vendor=x:y/z'],
    [' a=1 ,, b=with space ', 'a=1,b=with space'],
  ])('goes on as it came: %j', (header, state) => {
    expect(parseTracestate(header)).toBe(state);
  });

  it.each([
    [undefined],
    [''],
    [','],
    ['a'],
    ['a='],
    ['A=1'],
    ['a=b=c'],
    ['a=1\r\nx-evil: 1'],
    ['a=é'],
    [`a=${'1'.repeat(600)}`],
    [Array.from({ length: 33 }, (_, key) => `k${key}=1`).join()],
  ])('is ignored when it is malformed: %j', (header) => {
    expect(parseTracestate(header)).toBeUndefined();
  });
});
