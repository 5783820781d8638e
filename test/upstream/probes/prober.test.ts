import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLogger } from '../../../src/telemetry/log.ts';
import {
  createHttpProvider,
  type HttpProviderOptions,
} from '../../../src/upstream/http-provider.ts';
import type { ProbeResult } from '../../../src/upstream/probes/probe-provider.ts';
import { createProber, type Prober } from '../../../src/upstream/probes/prober.ts';
import type { Provider } from '../../../src/upstream/provider.ts';
import { createFakeClock, type FakeClock } from '../../support/fake-clock.ts';
import {
  createScriptedUpstream,
  json,
  reset,
  type ScriptedUpstream,
  stall,
  stallInBody,
} from '../../support/scripted-upstream.ts';

const settings = { everyMs: 30_000, timeoutMs: 5_000 };
const models = json(200, { object: 'list', data: [{ id: 'gpt' }] });

let clock: FakeClock;
let upstream: ScriptedUpstream;
let opened: { close(): Promise<void> }[];
let lines: string[];
let told: ProbeResult[];
let onTold: () => void;

beforeEach(async () => {
  clock = createFakeClock();
  upstream = await createScriptedUpstream();
  opened = [];
  lines = [];
  told = [];
  onTold = () => {};
});

afterEach(async () => {
  for (const each of opened) await each.close();
  await upstream.close();
});

function createProvider(options: Partial<HttpProviderOptions> = {}): Provider {
  const provider = createHttpProvider({
    name: 'corp',
    baseUrl: upstream.url,
    apiKey: 'secret',
    connectTimeoutMs: 1_000,
    clock,
    ...options,
  });
  opened.push(provider);
  return provider;
}

/** Each wait is as long as is configured, the first one half of it. */
function start(...providers: Provider[]): Prober {
  const prober = createProber({
    providers,
    settings,
    clock,
    random: () => 0.5,
    logger: createLogger('info', { write: (line) => void lines.push(line) }),
    onResult(_, result) {
      told.push(result);
      onTold();
    },
  });
  opened.unshift(prober);
  return prober;
}

/** What the probe brings that is due after so long. */
async function probeAfter(ms: number): Promise<ProbeResult | undefined> {
  const result = new Promise<void>((resolve) => {
    onTold = resolve;
  });
  clock.advance(ms);
  await result;
  // What follows a result, such as the next timer, is set in the same turn.
  await Promise.resolve();
  return told.at(-1);
}

describe('probing a provider', () => {
  it('asks for its models with its key, again and again', async () => {
    upstream.script(models);
    const prober = start(createProvider());
    expect(prober.last('corp')).toBeUndefined();
    clock.advance(14_999);
    expect(upstream.requests).toHaveLength(0);
    expect(await probeAfter(1)).toEqual({ outcome: 'ok', reason: 'HTTP 200' });
    expect(prober.last('corp')).toMatchObject({ outcome: 'ok', atMs: clock.now() });
    await probeAfter(30_000);
    expect(upstream.requests).toHaveLength(2);
    const { method, path, headers } = await upstream.nextRequest();
    expect([method, path, headers.authorization]).toEqual(['GET', '/v1/models', 'Bearer secret']);
  });

  it('asks as the protocol wants it, and keeps the query of the address', async () => {
    upstream.script(models);
    const baseUrl = `${upstream.url}?api-version=1`;
    start(createProvider({ baseUrl, keyHeader: 'x-api-key', speaks: ['messages'] }));
    await probeAfter(15_000);
    const { path, headers } = await upstream.nextRequest();
    expect(path).toBe('/v1/models?api-version=1');
    expect(headers).toMatchObject({ 'x-api-key': 'secret', 'anthropic-version': '2023-06-01' });
  });

  it.each([
    [200, {}, 'ok'],
    [500, {}, 'failed'],
    [503, {}, 'failed'],
    [401, { error: { code: 'invalid_api_key' } }, 'refused'],
    [401, { error: { message: 'Missing scopes: api.model.read' } }, 'unclear'],
    [403, { error: { message: 'no' } }, 'unclear'],
    [429, {}, 'unclear'],
    [302, {}, 'unclear'],
  ])('takes %d with %j for %3$s', async (status, body, outcome) => {
    upstream.script(json(status, body));
    start(createProvider());
    expect(await probeAfter(15_000)).toEqual({ outcome, reason: `HTTP ${status}` });
  });

  it('takes a connection that breaks, or that nobody takes, for a failure', async () => {
    upstream.script(reset);
    const nobody = await createScriptedUpstream();
    await nobody.close();
    start(createProvider());
    expect(await probeAfter(15_000)).toMatchObject({ outcome: 'failed' });
    start(createProvider({ name: 'gone', baseUrl: nobody.url }));
    expect(await probeAfter(15_000)).toEqual({
      outcome: 'failed',
      reason: 'could not connect (ECONNREFUSED)',
    });
  });

  it.each([
    ['answers nothing', stall],
    ['stops in the middle', stallInBody(200, '{"data": [')],
  ])('takes one for failed that %s, and asks no second time meanwhile', async (_, step) => {
    upstream.script(step);
    start(createProvider());
    clock.advance(15_000);
    const { aborted } = await upstream.nextRequest();
    clock.advance(4_999);
    expect(told).toEqual([]);
    expect(await probeAfter(1)).toEqual({ outcome: 'failed', reason: 'no answer after 5000 ms' });
    await aborted;
    expect(upstream.requests).toHaveLength(1);
  });

  it.each([404, 405, 501])('stops for good at %d, and says so once', async (status) => {
    upstream.script(json(status, {}));
    start(createProvider());
    expect(await probeAfter(15_000)).toMatchObject({ outcome: 'unsupported' });
    expect(clock.pending()).toBe(0);
    expect(lines.filter((line) => line.includes('has no list of models'))).toHaveLength(1);
  });

  it('leaves one alone whose address names the model', () => {
    start(createProvider({ baseUrl: `${upstream.url}/%7Bmodel%7D` }));
    expect(clock.pending()).toBe(0);
  });

  it('does not transfer a list of any length', async () => {
    upstream.script((response) => {
      response.writeHead(200);
      response.write('x'.repeat(200_000));
    });
    start(createProvider());
    expect(await probeAfter(15_000)).toMatchObject({ outcome: 'ok' });
  });

  it('stops when it is told to: no timer, no connection and no word is left', async () => {
    upstream.script(stall);
    const prober = start(createProvider());
    clock.advance(15_000);
    const { aborted } = await upstream.nextRequest();
    start(createProvider({ name: 'waiting' })).stop();
    prober.stop();
    await aborted;
    await prober.close();
    expect(clock.pending()).toBe(0);
    expect(told).toEqual([]);
    expect(prober.last('corp')).toBeUndefined();
    expect(lines).toEqual([]);
  });
});
