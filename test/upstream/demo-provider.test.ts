import OpenAI from 'openai';
import { describe, expect, it } from 'vitest';
import { createDemoProvider } from '../../src/upstream/demo-provider.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { makeTarget } from './plan-fixture.ts';

const messages = [{ role: 'user' as const, content: 'Sort a list, please.' }];

function createClient(): OpenAI {
  const provider = createDemoProvider({
    name: 'demo',
    clock: createFakeClock(),
    createId: () => '1',
  });
  return new OpenAI({
    apiKey: 'none',
    baseURL: 'http://demo.invalid/v1',
    async fetch(_url, init) {
      const body = Buffer.from(String(init?.body));
      const reply = await provider.call({
        target: makeTarget({ model: 'demo', upstreamModel: 'gpt-5.5' }),
        body,
        stream: JSON.parse(body.toString()).stream === true,
        signal: new AbortController().signal,
        headers: {},
      });
      return new Response(ReadableStream.from(reply.body), reply);
    },
  });
}

describe('the demo provider', () => {
  it('says which model it stands in for, for which class, and why', async () => {
    const { id, created, object, model, choices, usage } =
      await createClient().chat.completions.create({ model: 'auto', messages });
    expect({ id, created, object, model }).toEqual({
      id: 'chatcmpl-demo-1',
      created: 1_700_000_000,
      object: 'chat.completion',
      model: 'demo',
    });
    expect(choices[0]).toMatchObject({ finish_reason: 'stop', message: { role: 'assistant' } });
    expect(choices[0]?.message.content).toContain('gpt-5.5');
    expect(choices[0]?.message.content).toContain('"coding"');
    expect(choices[0]?.message.content).toContain('no provider key is configured');
    expect(usage?.total_tokens).toBe((usage?.prompt_tokens ?? 0) + (usage?.completion_tokens ?? 0));
  });

  it('streams the same text', async () => {
    const client = createClient();
    const plain = await client.chat.completions.create({ model: 'auto', messages });
    const stream = client.chat.completions.stream({ model: 'auto', messages });
    const { choices, usage } = await stream.finalChatCompletion();
    expect(choices[0]?.message.content).toBe(plain.choices[0]?.message.content);
    expect(choices[0]?.finish_reason).toBe('stop');
    expect(usage).toBeUndefined();
  });

  it('ends with a usage chunk when it is asked to', async () => {
    const stream = await createClient().chat.completions.create({
      model: 'auto',
      messages,
      stream: true,
      stream_options: { include_usage: true },
    });
    const chunks = [];
    for await (const chunk of stream) chunks.push(chunk);
    expect(chunks.at(-1)).toMatchObject({
      choices: [],
      usage: { prompt_tokens: expect.any(Number) },
    });
    expect(chunks.slice(0, -1).every(({ usage }) => usage === null)).toBe(true);
    expect(new Set(chunks.map(({ id }) => id)).size).toBe(1);
  });
});
