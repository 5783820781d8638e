// Every way in which the first model of a plan can fail, and what is to come of it.
import type { FailureCause } from '../../../src/upstream/failure.ts';
import {
  json,
  reset,
  type Step,
  sse,
  stall,
  stallInBody,
} from '../../support/scripted-upstream.ts';
import type { ProtocolSamples } from './protocol-samples.ts';

export interface Fault {
  readonly name: string;
  /** Where the first model is, when it is not at the scripted server. */
  readonly place?: 'refused' | 'unknown-host' | 'no-tls';
  readonly step?: (samples: ProtocolSamples) => Step;
  /** Only there; both when left out. */
  readonly only?: 'stream' | 'plain';
  /** Time passes while the call hangs; in the middle of a stream, after its first content. */
  readonly hangs?: 'before-content' | 'after-content';
  readonly cause: FailureCause;
  /** How long the plan waits before it asks the same model again; undefined when it does not. */
  readonly retriedAfterMs?: number;
  /** What it says of the model. */
  readonly verdict: 'failure' | 'refusal' | 'wait' | 'none';
  /** Who answers: the next model, the first one with its error, or the first one until it broke off. */
  readonly answer: 'second' | 'refusal' | 'broken-off';
}

const error = (text: string) => ({ error: { type: 'x', message: text } });
const status = (code: number, headers: Record<string, string> = {}): NonNullable<Fault['step']> => {
  return () => json(code, error(`status ${code}`), headers);
};

const outOfOrder = { retriedAfterMs: 0, verdict: 'failure', answer: 'second' } as const;
const inTheWay = { retriedAfterMs: 0, verdict: 'none', answer: 'second' } as const;
const refused = { verdict: 'refusal', answer: 'second' } as const;
const limited = { cause: 'rate-limited', verdict: 'wait', answer: 'second' } as const;
const brokenOff = { only: 'stream', verdict: 'failure', answer: 'broken-off' } as const;
const broken = { cause: 'broken-reply', ...outOfOrder } as const;

/** So many seconds after the time at which the clock of the tests stands. */
function httpDate(seconds: number): string {
  return new Date(1_700_000_000_000 + seconds * 1_000).toUTCString();
}

export const faults: readonly Fault[] = [
  { name: 'connection refused', place: 'refused', cause: 'connect', ...outOfOrder },
  { name: 'unknown host', place: 'unknown-host', cause: 'dns', ...outOfOrder },
  { name: 'no TLS where it is expected', place: 'no-tls', cause: 'tls', ...outOfOrder },
  { name: 'connection reset', step: () => reset, cause: 'reset', ...outOfOrder },
  {
    name: 'headers that never come',
    step: () => stall,
    hangs: 'before-content',
    cause: 'timeout',
    verdict: 'failure',
    answer: 'second',
  },
  { name: '408', step: status(408), cause: 'request-timeout', ...inTheWay },
  { name: '409', step: status(409), cause: 'conflict', ...inTheWay },
  { name: '425', step: status(425), cause: 'too-early', ...inTheWay },
  { name: '429 without a word', step: status(429), ...limited },
  {
    name: '429 for seconds',
    step: status(429, { 'retry-after': '2' }),
    retriedAfterMs: 2_000,
    ...limited,
  },
  {
    name: '429 for milliseconds',
    step: status(429, { 'retry-after-ms': '1500' }),
    retriedAfterMs: 1_500,
    ...limited,
  },
  {
    name: '429 until a date',
    step: status(429, { 'retry-after': httpDate(3) }),
    retriedAfterMs: 3_000,
    ...limited,
  },
  { name: '429 for longer than there is', step: status(429, { 'retry-after': '60' }), ...limited },
  ...[500, 502, 503, 529].map((code): Fault => {
    return { name: String(code), step: status(code), cause: 'server-error', ...outOfOrder };
  }),
  { name: '401', step: status(401), cause: 'auth', ...refused },
  { name: '402', step: status(402), cause: 'auth', ...refused },
  { name: '403', step: status(403), cause: 'auth', ...refused },
  { name: '404', step: status(404), cause: 'model-missing', ...refused },
  ...[400, 413, 422].map((code): Fault => {
    return {
      name: String(code),
      step: status(code),
      cause: 'client-error',
      verdict: 'none',
      answer: 'refusal',
    };
  }),
  { name: 'an error inside a 200', step: () => json(200, error('Overloaded')), ...broken },
  { name: 'JSON cut in the middle', step: () => json(200, '{"id": "x", "cho'), ...broken },
  { name: 'an empty reply', step: () => json(200, ''), ...broken },
  {
    name: 'a web page inside a 200',
    step: () => json(200, '<html></html>', { 'content-type': 'text/html' }),
    ...broken,
  },
  {
    name: 'a body that stalls',
    step: () => stallInBody(200, '{"id":'),
    only: 'plain',
    hangs: 'before-content',
    cause: 'timeout',
    verdict: 'failure',
    answer: 'second',
  },
  {
    name: 'a stall before the first content',
    step: ({ opening }) => sse(opening, { end: 'stall' }),
    only: 'stream',
    hangs: 'before-content',
    cause: 'timeout',
    verdict: 'failure',
    answer: 'second',
  },
  {
    name: 'a cut before the first content',
    step: ({ opening }) => sse(opening, { end: 'cut' }),
    only: 'stream',
    cause: 'reset',
    ...outOfOrder,
  },
  {
    name: 'lifecycle events only',
    step: ({ opening }) => sse(opening, { end: 'clean' }),
    only: 'stream',
    ...broken,
  },
  {
    name: 'a malformed frame before the first content',
    step: ({ opening }) => sse([...opening, 'data: {"choi\n\n'], { end: 'clean' }),
    only: 'stream',
    ...broken,
  },
  {
    name: 'an error frame before the first content',
    step: ({ opening, errorFrame }) => sse([...opening, errorFrame], { end: 'clean' }),
    only: 'stream',
    ...broken,
  },
  {
    name: 'a stall after the first content',
    step: ({ opening, content }) => sse([...opening, content('first')], { end: 'stall' }),
    hangs: 'after-content',
    cause: 'timeout',
    ...brokenOff,
  },
  {
    name: 'a cut after the first content',
    step: ({ opening, content }) => sse([...opening, content('first')], { end: 'cut' }),
    cause: 'reset',
    ...brokenOff,
  },
  {
    name: 'no terminal frame',
    step: ({ opening, content, closing }) =>
      sse([...opening, content('first'), ...closing.slice(0, -1)], { end: 'clean' }),
    cause: 'broken-reply',
    ...brokenOff,
  },
  {
    name: 'a malformed frame after the first content',
    step: ({ opening, content, closing }) =>
      sse([...opening, content('first'), 'data: {"choi\n\n', ...closing], { end: 'clean' }),
    cause: 'broken-reply',
    ...brokenOff,
  },
  {
    name: 'an error frame after the first content',
    step: ({ opening, content, errorFrame, closing }) =>
      sse([...opening, content('first'), errorFrame, ...closing], { end: 'clean' }),
    cause: 'broken-reply',
    ...brokenOff,
  },
];
