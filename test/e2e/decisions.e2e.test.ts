import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Routed } from '../../src/http/route-request.ts';
import type { Decision } from '../../src/routing/decision.ts';
import {
  createHome,
  type Home,
  type RunningServer,
  startServer,
} from '../support/run-switchyard.ts';

type Explained = Decision & Pick<Routed, 'candidates' | 'timings'> & { id: string };

let home: Home;
let server: RunningServer;

beforeAll(async () => {
  home = createHome();
  server = await startServer({ home });
});

afterAll(async () => {
  await server?.stop();
  home?.remove();
});

async function route(body: object): Promise<Explained> {
  const reply = await fetch(`${server.url}/v1/route`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return (await reply.json()) as Explained;
}

describe('POST /v1/route, with the real model and the shipped examples', () => {
  it.each([
    ['coding', "fix this python error: TypeError: 'NoneType' object is not subscriptable"],
    ['math', 'what is 17% of 2450'],
    ['data-analysis', 'write a sql query for the top 5 customers by revenue'],
    ['translation', 'Translate to French: where is the train station?'],
    ['summarization', 'summarize this meeting notes'],
    ['chat', 'hi, how are you?'],
    ['brainstorming', 'give me 10 names for a coffee shop'],
    ['creative-writing', 'write a poem about autumn'],
    ['business-writing', 'Write a cover letter for a nurse position'],
    ['advice', 'should I quit my job?'],
  ])('sends to %s: %s', async (className, prompt) => {
    expect((await route({ prompt })).className).toBe(className);
  });

  it('explains itself down to the examples and the candidates', async () => {
    const explained = await route({ prompt: 'what is 17% of 2450' });
    expect(explained.id).toMatch(/^dec_/);
    const total = explained.posterior.reduce(
      (sum: number, entry: { probability: number }) => sum + entry.probability,
      0,
    );
    expect(total).toBeCloseTo(1, 9);
    expect(explained.posterior).toHaveLength(14);
    const [nearest] = explained.neighbours;
    expect(nearest).toMatchObject({
      id: expect.stringMatching(/^[0-9a-f]{12}$/),
      className: 'math',
    });
    expect(nearest?.text).not.toBe('');
    expect(nearest?.similarity).toBeGreaterThan(0.3);
    const { className, wording = [], meaningShare } = explained.reasons ?? {};
    expect(className).toBe('math');
    expect(meaningShare).toBeGreaterThan(0);
    expect(meaningShare).toBeLessThan(1);
    expect(wording.length).toBeLessThanOrEqual(5);
    const ofPrompt = wording.filter(({ kind }) => kind !== 'form');
    for (const { text } of ofPrompt) expect('what is 0 of 0').toContain(text);
    expect(explained.candidates[0]).toMatchObject({
      model: 'gpt-5.5',
      className: 'math',
      status: 'out',
      reason: 'openai: no API key: set OPENAI_API_KEY',
    });
    expect(explained.candidates.at(-1)).toMatchObject({ model: 'demo', status: 'in' });
    expect(explained.timings.embedMs).toBeGreaterThanOrEqual(0);
    expect(explained.bundle.encoderHash).toMatch(/^[0-9a-f]{64}$/);
  });

  it('reads the last human message of a conversation', async () => {
    const messages = [
      { role: 'system', content: 'You are a poet.' },
      { role: 'user', content: 'write a poem about autumn' },
      { role: 'assistant', content: 'Leaves fall.' },
      { role: 'user', content: [{ type: 'text', text: 'what is 17% of 2450' }] },
    ];
    expect((await route({ messages })).className).toBe('math');
  });
});

describe('without any key', () => {
  it('the demo answers, plain and streaming, and says whom it stands in for', async () => {
    const { default: OpenAI } = await import('openai');
    const client = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: 'none' });
    const request = {
      model: 'auto',
      messages: [{ role: 'user' as const, content: 'hi, how are you?' }],
    };
    const plain = await client.chat.completions.create(request);
    expect(plain.choices[0]?.message.content).toContain('gpt-5.4-nano');
    const stream = client.chat.completions.stream(request);
    expect(await stream.finalContent()).toBe(plain.choices[0]?.message.content);
  });

  it('the demo answers clients of every make', async () => {
    const post = async (path: string, body: object) => {
      const reply = await fetch(`${server.url}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      return { status: reply.status, text: await reply.text() };
    };
    const messages = [{ role: 'user', content: 'hi, how are you?' }];
    const anthropic = await post('/v1/messages', { model: 'auto', max_tokens: 99, messages });
    expect(anthropic.text).toContain('"type":"message"');
    expect(anthropic.text).toContain('gpt-5.4-nano');
    const streamed = { model: 'auto', max_tokens: 99, messages, stream: true };
    expect((await post('/v1/messages', streamed)).text).toContain('event: message_stop');
    const responses = await post('/v1/responses', { model: 'auto', input: 'hi, how are you?' });
    expect(responses.text).toContain('"object":"response"');

    // What can't be put to it is refused with the reason, as with any other model.
    const kept = { model: 'auto', input: 'hi', previous_response_id: 'resp_1' };
    const refused = await post('/v1/responses', kept);
    expect(refused.status).toBe(400);
    expect(refused.text).toContain('previous_response_id');
    const legacy = await post('/v1/completions', { prompt: 'hi' });
    expect(legacy.status).toBe(400);
    expect(legacy.text).toContain('speaks chat, not completions');
  });
});
