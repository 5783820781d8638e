import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { StoredDecision } from '../../src/telemetry/decisions/stored-decision.ts';
import { contentFrames, type ScriptedUpstream, sse, stall } from '../support/scripted-upstream.ts';
import { type StartedProxy, startProxy } from '../support/start-proxy.ts';
import { twoUpstreams } from '../support/two-upstreams.ts';

const prompt = 'fix this python error: TypeError: NoneType object is not subscriptable';
/** As many calls as it takes to know what is late. */
const minimumCalls = 5;

let proxy: StartedProxy;
let strong: ScriptedUpstream;
let cheap: ScriptedUpstream;
let client: OpenAI;

beforeAll(async () => {
  const prices = { input: 1, output: 4 };
  const started = await startProxy(
    (first, second) => twoUpstreams({ strong: first, cheap: second }),
    {
      config: {
        hedging: { enabled: true, share: 1, costShare: 1, minimumCalls },
        models: {
          'strong-1': { provider: 'strong', prices },
          'strong-2': { provider: 'strong', prices },
          'cheap-1': { provider: 'cheap', prices },
          shared: {
            prices,
            // So that the strong one comes first, as good as always.
            deployments: [{ provider: 'strong', weight: 1_000_000 }, { provider: 'cheap' }],
          },
        },
      },
    },
  );
  proxy = started;
  [strong, cheap] = started.upstreams;
  client = new OpenAI({ baseURL: `${proxy.url}/v1`, apiKey: 'any', maxRetries: 0 });
  strong.scriptModel('strong-1', sse(contentFrames('usual')));
  for (let call = 0; call < minimumCalls; call += 1) expect((await ask()).text).toBe('usual');
});

afterAll(() => proxy?.close());

async function ask(model = 'auto') {
  const { data, response } = await client.chat.completions
    .create({ model, stream: true, messages: [{ role: 'user', content: prompt }] })
    .withResponse();
  let text = '';
  for await (const chunk of data) text += chunk.choices[0]?.delta.content ?? '';
  const header = (name: string) => response.headers.get(`x-switchyard-${name}`);
  return { text, attempts: header('attempts'), model: header('model'), id: header('decision-id') };
}

/** What is left of a request once its stream is over on both sides. */
function decision(id: string | null): Promise<StoredDecision> {
  return vi.waitFor(async () => {
    const reply = await fetch(`${proxy.url}/admin/decisions/${id}`);
    expect(reply.status).toBe(200);
    return (await reply.json()) as StoredDecision;
  });
}

async function metrics(): Promise<string[]> {
  const text = await (await fetch(`${proxy.url}/metrics`)).text();
  return text.split('\n').filter((line) => /^switchyard_hedge/.test(line));
}

/** The latest request for a model. */
function latest(model: string) {
  return strong.requests.findLast(({ json }) => json['model'] === model);
}

describe('a client’s stream where hedging is on', () => {
  it('comes from the next model when the first is late', async () => {
    strong.scriptModel('strong-1', stall);
    strong.scriptModel('strong-2', sse(contentFrames('from ', 'strong 2')));
    const reply = await ask();
    expect(reply.text).toBe('from strong 2');
    expect(reply.model).toBe('strong-2');
    expect(reply.attempts).toBe('coding/strong-1:outrun, coding/strong-2:ok');
    await latest('strong-1')?.aborted;

    const stored = await decision(reply.id);
    expect(stored).toMatchObject({ outcome: 'fallback_ok', model: 'strong-2' });
    expect(stored.attempts).toMatchObject([
      { model: 'strong-1', outcome: 'outrun' },
      { model: 'strong-2', outcome: 'ok', isHedge: true },
    ]);
    const wasted = stored.attempts[0]?.wastedTokens;
    expect(wasted).toBeGreaterThan(5);
    expect(await metrics()).toEqual([
      'switchyard_hedges_total{model="strong-2",outcome="won"} 1',
      `switchyard_hedge_wasted_tokens_total{model="strong-1"} ${wasted}`,
    ]);
  });

  it('comes from the first when it is sooner all the same', async () => {
    let answer = () => {};
    const isHedged = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const usual = sse(contentFrames('late'));
    strong.scriptModel('strong-1', (...how) => isHedged.then(() => usual(...how)));
    strong.scriptModel('strong-2', answer);
    const reply = await ask();
    expect(reply.text).toBe('late');
    expect(reply.attempts).toBe('coding/strong-2:outrun, coding/strong-1:ok');
    await latest('strong-2')?.aborted;
    expect((await decision(reply.id)).outcome).toBe('ok');
    expect(await metrics()).toContain('switchyard_hedges_total{model="strong-2",outcome="lost"} 1');
  });

  it('comes from another deployment of the model where it has several', async () => {
    strong.scriptModel('shared', sse(contentFrames('usual')));
    for (let call = 0; call < minimumCalls; call += 1) await ask('shared');
    strong.scriptModel('shared', stall);
    cheap.scriptModel('shared', sse(contentFrames('of the sister')));
    const reply = await ask('shared');
    expect(reply.text).toBe('of the sister');
    expect(reply.attempts).toBe('shared@strong:outrun, shared@cheap:ok');
    await latest('shared')?.aborted;
  });
});
