import { getEventListeners } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Attempt } from '../../../src/upstream/attempt.ts';
import { type Execution, execute } from '../../../src/upstream/execute.ts';
import { failureTable } from '../../../src/upstream/failure.ts';
import type { CallEnd } from '../../../src/upstream/health/health.ts';
import { createHttpProvider } from '../../../src/upstream/http-provider.ts';
import type { Provider } from '../../../src/upstream/provider.ts';
import { openModelSlot } from '../../../src/upstream/splice-model.ts';
import { createFakeClock, type FakeClock } from '../../support/fake-clock.ts';
import {
  createScriptedUpstream,
  json,
  type ScriptedUpstream,
  sse,
  stall,
} from '../../support/scripted-upstream.ts';
import { collect, makeTarget } from '../plan-fixture.ts';
import { createWatchedRetries, unusedPort } from './fault-parts.ts';
import { type Fault, faults } from './faults.ts';
import { type ProtocolSamples, samples } from './protocol-samples.ts';

let clock: FakeClock;
let upstream: ScriptedUpstream;
let providers: Map<string, Provider>;
let ends: CallEnd[];
let told: Attempt[];
let waited: number[];
let client: AbortController;

beforeEach(async () => {
  clock = createFakeClock();
  upstream = await createScriptedUpstream();
  providers = new Map();
  ends = [];
  told = [];
  waited = [];
  client = new AbortController();
});

afterEach(async () => {
  expect(clock.pending()).toBe(0);
  expect(getEventListeners(client.signal, 'abort')).toEqual([]);
  // Resolves once every connection is given back.
  await Promise.all([...providers.values()].map((provider) => provider.close()));
  await upstream.close();
});

const places: Readonly<Record<NonNullable<Fault['place']>, () => Promise<string>>> = {
  refused: async () => `http://127.0.0.1:${await unusedPort()}/v1`,
  'unknown-host': async () => 'http://nowhere.invalid/v1',
  'no-tls': async () => upstream.url.replace('http:', 'https:'),
};

async function run(protocol: ProtocolSamples, stream: boolean, place?: Fault['place']) {
  const retries = createWatchedRetries(clock, (ms) => waited.push(ms));
  const open = (name: string, baseUrl: string) =>
    providers.set(
      name,
      createHttpProvider({ name, baseUrl, apiKey: 'k', connectTimeoutMs: 5_000, clock }),
    );
  open('first', place === undefined ? upstream.url : await places[place]());
  open('second', upstream.url);
  const request = { ...protocol.request, stream, model: 'auto' };
  return execute({
    targets: ['first', 'second'].map((model) =>
      makeTarget({ model, provider: model, protocol: protocol.protocol }),
    ),
    providers: (name) => providers.get(name) as Provider,
    request: {
      protocol: protocol.protocol,
      bodyFor: openModelSlot(Buffer.from(JSON.stringify(request))),
      json: request,
      stream,
      headers: {},
    },
    findTranslation: () => undefined,
    health: { admit: () => ({ settle: (end) => void ends.push(end) }) },
    retries,
    clock,
    signal: client.signal,
    deadlineMs: 600_000,
    onAttempt: (attempt) => void told.push(attempt),
  });
}

/** What the client has in the end. */
async function viewOf(execution: Execution): Promise<string> {
  switch (execution.kind) {
    case 'reply':
    case 'refused':
      return execution.body.toString();
    case 'stream': {
      const text = await collect(execution.frames);
      await execution.finished;
      return text;
    }
    default:
      return execution.kind;
  }
}

const cells = samples.flatMap((protocol) =>
  [true, false].flatMap((stream) =>
    faults
      .filter(({ only }) => only === undefined || only === (stream ? 'stream' : 'plain'))
      .map((fault) => ({
        fault,
        protocol,
        stream,
        story: `${fault.name}, ${protocol.protocol}, ${stream ? 'stream' : 'plain'}`,
      })),
  ),
);

describe('the fault matrix', () => {
  it.each(cells)('$story', async ({ fault, protocol, stream }) => {
    const { opening, content, closing, plain, terminal, inBandError } = protocol;
    const answer = stream
      ? sse([...opening, content('second'), ...closing], { end: 'clean' })
      : json(200, plain('second'));
    upstream.scriptModel('second', answer);
    if (fault.step !== undefined) upstream.scriptModel('first', fault.step(protocol));

    const running = run(protocol, stream, fault.place);
    if (fault.hangs === 'before-content') {
      await upstream.nextRequest();
      clock.advance(30_000);
    }
    const execution = await running;
    let view: string;
    if (fault.hangs === 'after-content' && execution.kind === 'stream') {
      const viewing = viewOf(execution);
      await new Promise(setImmediate);
      clock.advance(30_000);
      view = await viewing;
    } else view = await viewOf(execution);

    const attempts = fault.retriedAfterMs === undefined ? 1 : 2;
    const failed = Array.from({ length: attempts }, () => ['first', fault.cause]);
    const isFallback = fault.answer === 'second';
    expect(told.map(({ model, failure }) => [model, failure?.cause ?? 'ok'])).toEqual([
      ...failed,
      ...(isFallback ? [['second', 'ok']] : []),
    ]);
    expect(waited).toEqual(fault.retriedAfterMs === undefined ? [] : [fault.retriedAfterMs]);
    expect(ends.map(verdictOf)).toEqual([
      ...failed.map(() => fault.verdict),
      ...(isFallback ? ['success'] : []),
    ]);

    expect(view.includes('second')).toBe(isFallback);
    expect(view.includes('first')).toBe(fault.answer === 'broken-off');
    if (fault.answer === 'refusal') {
      expect(execution).toMatchObject({ kind: 'refused', status: Number(fault.name) });
    }
    if (stream && execution.kind === 'stream') {
      expect(view.match(terminal) ?? []).toHaveLength(isFallback ? 1 : 0);
      expect(view.match(inBandError) ?? []).toHaveLength(isFallback ? 0 : 1);
    }
  });
});

function verdictOf(end: CallEnd): string {
  if (end.kind === 'ok') return 'success';
  return end.kind === 'failed' ? failureTable[end.failure.cause].verdict : 'none';
}

describe.each(samples)('a stream of $protocol that ends twice', (protocol) => {
  it('ends once for the client', async () => {
    const { opening, content, closing, terminal } = protocol;
    const again = [content('again'), ...closing];
    upstream.scriptModel(
      'first',
      sse([...opening, content('first'), ...closing, ...again], { end: 'clean' }),
    );
    const view = await viewOf(await run(protocol, true));
    expect(view.match(terminal)).toHaveLength(1);
    expect(view).not.toContain('again');
    expect(ends.map(verdictOf)).toEqual(['success']);
  });
});

describe.each(
  samples.flatMap((protocol) => [
    { protocol, stream: true, name: `a stream of ${protocol.protocol}` },
    { protocol, stream: false, name: `a reply of ${protocol.protocol}` },
  ]),
)('a client that leaves $name', ({ protocol, stream }) => {
  it('before anybody is asked', async () => {
    client.abort();
    expect((await run(protocol, stream)).kind).toBe('client-gone');
    expect([upstream.requests.length, ends, told]).toEqual([0, [], []]);
  });

  it.each([
    ['while the headers are awaited', () => stall],
    ['while an error comes in', () => (stream ? sse([], { end: 'stall', status: 503 }) : stall)],
  ])('%s', async (_when, step) => {
    upstream.scriptModel('first', step());
    const running = run(protocol, stream);
    const request = await upstream.nextRequest();
    client.abort();
    expect((await running).kind).toBe('client-gone');
    await request.aborted;
    expect(upstream.requests).toHaveLength(1);
    expect(ends.map(verdictOf)).toEqual(['none']);
  });
});

describe.each(samples)(
  'a client that leaves a stream of $protocol after its first content',
  (protocol) => {
    it('stops the provider, and says nothing against it', async () => {
      const { opening, content } = protocol;
      upstream.scriptModel('first', sse([...opening, content('first')], { end: 'stall' }));
      const execution = await run(protocol, true);
      const request = await upstream.nextRequest();
      client.abort();
      await request.aborted;
      if (execution.kind === 'stream') await execution.finished;
      expect(execution.kind).toBe('stream');
      expect(ends.map(verdictOf)).toEqual(['none']);
      expect(told).toMatchObject([{ model: 'first', outcome: 'client-gone' }]);
    });
  },
);
