import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runSwitchyard } from '../support/run-switchyard.ts';
import {
  completion,
  contentFrames,
  json,
  reset,
  type ScriptedUpstream,
  type Step,
  sse,
} from '../support/scripted-upstream.ts';
import { type StartedProxy, startProxy } from '../support/start-proxy.ts';
import { twoUpstreams } from '../support/two-upstreams.ts';

let proxy: StartedProxy;
let west: ScriptedUpstream;
let east: ScriptedUpstream;

/** As the client asked for it. */
const answer: Step = (response, request) =>
  request.json['stream'] === true
    ? sse(contentFrames('hi', ' there'))(response, request)
    : json(200, completion('hi there'))(response, request);

beforeAll(async () => {
  const shared = {
    deployments: [
      { provider: 'strong', name: 'ours-in-the-west', weight: 4 },
      { provider: 'cheap', name: 'ours-in-the-east' },
    ],
  };
  const started = await startProxy(
    (strong, cheap) => {
      const { models, ...base } = twoUpstreams({ strong, cheap }) as { models: object };
      return { ...base, models: { ...models, shared } };
    },
    { config: { retries: {}, breaker: { failuresInARow: 3, openMs: 60_000 } } },
  );
  proxy = started;
  [west, east] = started.upstreams;
});

afterAll(() => proxy.close());

beforeEach(async () => {
  for (const upstream of [west, east]) upstream.script(answer);
  await fetch(`${proxy.url}/admin/health/release`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'shared' }),
  });
});

async function chat(stream = false): Promise<{ text: string; response: Response }> {
  const response = await fetch(`${proxy.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      model: 'shared',
      stream,
      messages: [{ role: 'user', content: 'hi' }],
    }),
  });
  return { text: await response.text(), response };
}

describe('a model with two deployments', () => {
  it('spreads its requests by weight, each by the name that it has there', async () => {
    const asked = [west, east].map(({ requests }) => requests.length);
    const replies = await Promise.all(Array.from({ length: 60 }, () => chat()));
    expect(replies.every(({ response }) => response.status === 200)).toBe(true);
    const [toWest = 0, toEast = 0] = [west, east].map(
      ({ requests }, index) => requests.length - (asked[index] ?? 0),
    );
    expect(toWest + toEast).toBe(60);
    // How quick each happens to be has its say, too.
    expect(toEast).toBeGreaterThan(0);
    expect(toWest).toBeGreaterThan(toEast);
    expect(west.requests.at(-1)?.json['model']).toBe('ours-in-the-west');
    expect(east.requests.at(-1)?.json['model']).toBe('ours-in-the-east');
  });

  it('lets no client notice that one of them dies', async () => {
    west.script(reset);
    const replies = await Promise.all(
      Array.from({ length: 40 }, (_, index) => chat(index % 2 === 1)),
    );
    for (const [index, { text, response }] of replies.entries()) {
      expect(response.status).toBe(200);
      expect(response.headers.get('x-switchyard-model')).toBe('shared');
      expect(response.headers.get('x-switchyard-provider')).toBe('cheap');
      expect(text).toContain(index % 2 === 1 ? 'data: [DONE]' : 'hi there');
    }
    const attempts = replies.map(({ response }) => response.headers.get('x-switchyard-attempts'));
    expect(new Set(attempts)).toEqual(
      new Set(['shared@strong:reset, shared@cheap:ok', 'shared:ok']),
    );

    const asked = west.requests.length;
    expect((await chat()).response.headers.get('x-switchyard-attempts')).toBe('shared:ok');
    expect(west.requests).toHaveLength(asked);
    const { stdout } = await runSwitchyard(['health'], { home: proxy.home });
    expect(stdout).toMatch(/^model +shared@strong +open, 3 calls in a row failed/m);
    expect(stdout).toMatch(/^model +shared@cheap +closed$/m);
  });

  it('can have one of them taken out by hand', async () => {
    const isolated = await runSwitchyard(['health', 'isolate', 'shared@strong'], {
      home: proxy.home,
    });
    expect(isolated.stdout).toBe('shared@strong gets no calls until it is released.\n');
    const asked = west.requests.length;
    for (let sent = 0; sent < 10; sent += 1) await chat();
    expect(west.requests).toHaveLength(asked);
    const both = await runSwitchyard(['health', 'isolate', 'shared'], { home: proxy.home });
    expect(both.stdout.match(/^shared@(strong|cheap) gets no calls/gm)).toHaveLength(2);
    const { text, response } = await chat();
    expect(response.status).toBe(503);
    expect(text).toContain('shared (strong: isolated: by hand)');
    expect(text).toContain('shared (cheap: isolated: by hand)');
  });
});
