import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/json.ts';
import type { Protocol } from '../../../src/protocol.ts';
import type { Attempt } from '../../../src/upstream/attempt.ts';
import { createHedging, type RequestHedging } from '../../../src/upstream/hedging/hedging.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { makeTarget } from '../plan-fixture.ts';

const first = makeTarget({ model: 'first' });
const second = makeTarget({ model: 'second' });
const dear = makeTarget({ model: 'dear' });
const unpriced = makeTarget({ model: 'unpriced' });
const prices = new Map(
  [...Object.entries({ first: 1, second: 1, dear: 40 })].map(([model, input]) => [
    model,
    { input, output: 4 * input },
  ]),
);

interface AskedFor {
  readonly promptTokens?: number;
  readonly stream?: boolean;
  readonly protocol?: Protocol;
  readonly json?: JsonObject;
}

function open(settings: { share?: number; costShare?: number; minimumCalls?: number } = {}) {
  const clock = createFakeClock();
  const hedging = createHedging({
    settings: { share: 0.05, costShare: 0.05, minimumCalls: 20, ...settings },
    pricesOf: ({ model }) => prices.get(model),
    clock,
  });
  const request = ({
    promptTokens = 1_000,
    stream = true,
    protocol = 'chat',
    json = {},
  }: AskedFor = {}) =>
    hedging.forRequest({
      request: { protocol, json, stream },
      promptTokens,
      targets: [first, second],
    });
  return { clock, request };
}

function observe(
  request: RequestHedging,
  durations: readonly number[],
  fields: Partial<Attempt> = {},
): void {
  for (const durationMs of durations) {
    request.observe({
      model: 'first',
      provider: 'scripted',
      className: undefined,
      startedAtMs: 0,
      durationMs,
      outcome: 'ok',
      ...fields,
    });
  }
}

const oneToTwenty = Array.from({ length: 20 }, (_, index) => (index + 1) * 100);

describe('a model is late', () => {
  it('after what 95 % of its latest calls did not exceed, once enough of them are known', () => {
    const { request } = open();
    observe(request(), oneToTwenty.slice(0, 19));
    expect(request().lateAfterMs(first)).toBeUndefined();
    observe(request(), [2_000]);
    expect(request().lateAfterMs(first)).toBe(1_900);
    expect(request().lateAfterMs(second)).toBeUndefined();
  });

  it('compared with prompts about as long, and with streams or whole replies', () => {
    const { request } = open();
    observe(request(), oneToTwenty);
    expect(request({ promptTokens: 600 }).lateAfterMs(first)).toBe(1_900);
    expect(request({ promptTokens: 1_025 }).lateAfterMs(first)).toBeUndefined();
    expect(request({ stream: false }).lateAfterMs(first)).toBeUndefined();
  });

  it('each of its deployments by itself', () => {
    const { request } = open({ minimumCalls: 1 });
    observe(request(), [500], { provider: 'west' });
    observe(request(), [900], { provider: 'east' });
    const lateAfterMs = (provider: string) =>
      request().lateAfterMs(makeTarget({ model: 'first', provider }));
    expect(['west', 'east', 'north'].map(lateAfterMs)).toEqual([500, 900, undefined]);
  });

  it('by the first content of a stream, not by its end', () => {
    const { request } = open({ minimumCalls: 1 });
    observe(request(), [60_000], { firstContentMs: 300 });
    expect(request().lateAfterMs(first)).toBe(300);
  });

  it('by its last hundred calls, and by none that is older than an hour', () => {
    const { request, clock } = open();
    observe(
      request(),
      Array.from({ length: 100 }, () => 5_000),
    );
    observe(
      request(),
      Array.from({ length: 100 }, () => 500),
    );
    expect(request().lateAfterMs(first)).toBe(500);
    clock.advance(60 * 60_000);
    expect(request().lateAfterMs(first)).toBe(500);
    clock.advance(1);
    expect(request().lateAfterMs(first)).toBeUndefined();
  });

  it('also by calls that were outrun, where they were slow by then, but by none that failed', () => {
    const { request } = open();
    observe(request(), oneToTwenty);
    observe(request(), [10, 1_899], { outcome: 'outrun' });
    observe(request(), [30_000], { outcome: 'failed' });
    expect(request().lateAfterMs(first)).toBe(1_900);
    observe(request(), [2_500, 2_500], { outcome: 'outrun' });
    expect(request().lateAfterMs(first)).toBe(2_500);
  });

  it.each<[string, AskedFor]>([
    ['a chat that is kept', { json: { store: true } }],
    ['a response, which is kept unless the client says otherwise', { protocol: 'responses' }],
    ['a response that goes on without us', responses({ background: true })],
    ['a response within a conversation', responses({ conversation: 'conv_1' })],
    ['a tool that runs at the provider', responses({ tools: [{ type: 'mcp' }] })],
    ['a tool of Anthropic’s', { json: { tools: [{ type: 'web_search_20250305', name: 'w' }] } }],
    ['servers of tools', { protocol: 'messages', json: { mcp_servers: [{ type: 'url' }] } }],
  ])('never, where two answers could do harm: %s', (_what, asked) => {
    const { request } = open({ minimumCalls: 1 });
    observe(request(asked), [500]);
    expect(request(asked).lateAfterMs(first)).toBeUndefined();
  });

  it.each<[string, AskedFor]>([
    ['a response that nobody keeps', responses({ tools: [{ type: 'function', name: 'f' }] })],
    ['a tool of the client’s', { json: { tools: [{ type: 'function' }] } }],
    ['Anthropic’s form of it', { protocol: 'messages', json: { tools: [{ name: 'f' }] } }],
  ])('as ever with %s', (_what, asked) => {
    const { request } = open({ minimumCalls: 1 });
    observe(request(asked), [500]);
    expect(request(asked).lateAfterMs(first)).toBe(500);
  });
});

describe('hedges', () => {
  it('are a share of the requests, none before there were any', () => {
    const { request } = open({ costShare: 1 });
    const hedged = Array.from({ length: 1_000 }, () => request().withdraw(second));
    expect(hedged.indexOf(true)).toBeGreaterThanOrEqual(19);
    expect(hedged.filter(Boolean).length).toBeLessThanOrEqual(50);
    expect(hedged.filter(Boolean).length).toBeGreaterThan(40);
  });

  it('do not pile up over a quiet time', () => {
    const { request } = open({ costShare: 1 });
    for (let count = 0; count < 5_000; count += 1) request();
    const last = request();
    const atOnce = Array.from({ length: 50 }, () => last.withdraw(second));
    expect(atOnce.filter(Boolean)).toHaveLength(9);
  });

  it('cost a share of what the prompts cost, so that a dear model is seldom one', () => {
    const { request } = open({ share: 1 });
    const dearest = Array.from({ length: 1_000 }, () => request().withdraw(dear));
    expect(dearest.filter(Boolean)).toHaveLength(0);
    const cheap = Array.from({ length: 1_000 }, () => request().withdraw(second));
    expect(cheap.filter(Boolean).length).toBeGreaterThan(40);
    expect(cheap.filter(Boolean).length).toBeLessThanOrEqual(60);
  });

  it('go to no model whose price nobody knows', () => {
    const { request } = open({ share: 1, costShare: 1 });
    expect(request().withdraw(unpriced)).toBe(false);
    expect(request().withdraw(second)).toBe(true);
  });
});

function responses(json: JsonObject): AskedFor {
  return { protocol: 'responses', json: { store: false, ...json } };
}
