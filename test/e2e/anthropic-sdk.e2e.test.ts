import Anthropic from '@anthropic-ai/sdk';
import { jsonSchemaOutputFormat } from '@anthropic-ai/sdk/helpers/json-schema';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { pixel, weatherCalls, weatherParameters } from '../support/sample-inputs.ts';
import {
  callEvents,
  callFrames,
  completionWithCalls,
  messageWithCalls,
  usageFrame,
} from '../support/scripted-calls.ts';
import { completion, contentFrames, json, sse } from '../support/scripted-upstream.ts';
import { startTwoProtocols, type TwoProtocolsServer } from '../support/start-two-protocols.ts';
import { message, messageEvents } from '../support/two-protocols.ts';

const weatherTool: Anthropic.Tool = {
  name: 'get_weather',
  description: 'The weather of a city.',
  input_schema: weatherParameters,
};
const [weatherCall] = weatherCalls;

let proxy: TwoProtocolsServer;
let client: Anthropic;

beforeAll(async () => {
  proxy = await startTwoProtocols();
  client = new Anthropic({ baseURL: proxy.url, apiKey: 'client-secret', maxRetries: 0 });
});

afterAll(() => proxy?.close());

beforeEach(() => {
  proxy.open.script(json(200, completion('from gpt')));
  proxy.claude.script(json(200, message('from claude')));
});

type Question = Partial<Anthropic.MessageCreateParamsNonStreaming> & { model: string };

function toParams(question: Question): Anthropic.MessageCreateParamsNonStreaming {
  return { max_tokens: 64, messages: [{ role: 'user', content: 'hi' }], ...question };
}

function ask(question: Question) {
  return client.messages.create(toParams(question));
}

function open(question: Question) {
  return client.messages.stream(toParams(question));
}

describe('a message', () => {
  it('comes from a provider of OpenAI’s make', async () => {
    const reply = await ask({
      model: 'gpt',
      system: 'Be kind.',
      metadata: { user_id: 'someone' },
      stop_sequences: ['END'],
    });
    expect(reply).toMatchObject({
      type: 'message',
      role: 'assistant',
      content: [{ type: 'text', text: 'from gpt' }],
      stop_reason: 'end_turn',
      usage: { input_tokens: 5, output_tokens: 7 },
    });
    const received = proxy.open.requests.at(-1);
    expect(received?.path).toBe('/v1/chat/completions');
    expect(received?.headers.authorization).toBe('Bearer open-secret');
    expect(received?.headers).not.toHaveProperty('anthropic-version');
    expect(received?.json).toEqual({
      model: 'gpt',
      messages: [
        { role: 'system', content: 'Be kind.' },
        { role: 'user', content: 'hi' },
      ],
      max_completion_tokens: 64,
      user: 'someone',
      stop: ['END'],
    });
  });

  it('comes from Anthropic as it is', async () => {
    const { data, request_id } = await ask({ model: 'claude' }).withResponse();
    expect(data).toEqual(message('from claude'));
    expect(request_id).toMatch(/\w/);
    const received = proxy.claude.requests.at(-1);
    expect(received?.headers).toMatchObject({
      'x-api-key': 'claude-secret',
      'anthropic-version': expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
    });
    expect(received?.json).toEqual(toParams({ model: 'claude' }));
  });

  it.each([
    ['gpt', () => proxy.open.script(sse([...contentFrames('Hel', 'lo'), usageFrame()]))],
    ['claude', () => proxy.claude.script(sse(messageEvents('Hel', 'lo'), { end: 'clean' }))],
  ])('streams from %s', async (model, script) => {
    script();
    const texts: string[] = [];
    const stream = open({ model }).on('text', (text) => texts.push(text));
    const reply = await stream.finalMessage();
    expect(texts).toEqual(['Hel', 'lo']);
    expect(reply.content).toEqual([{ type: 'text', text: 'Hello' }]);
    expect(reply.stop_reason).toBe('end_turn');
    expect(reply.usage.output_tokens).toBe(7);
  });
});

describe('tools', () => {
  const question = { tools: [weatherTool], tool_choice: { type: 'auto' as const } };

  it.each([
    ['gpt', () => proxy.open.script(json(200, completionWithCalls(weatherCall)))],
    ['claude', () => proxy.claude.script(json(200, messageWithCalls('Let me see.', weatherCall)))],
  ])('are called by %s, which then answers with their results', async (model, script) => {
    script();
    const called = await ask({ model, ...question });
    expect(called.stop_reason).toBe('tool_use');
    const use = called.content.find((block) => block.type === 'tool_use');
    expect(use).toMatchObject({ type: 'tool_use', ...weatherCall });

    const upstream = model === 'gpt' ? proxy.open : proxy.claude;
    upstream.script(json(200, model === 'gpt' ? completion('It rains.') : message('It rains.')));
    const messages: Anthropic.MessageParam[] = [
      { role: 'user', content: 'How is Zürich?' },
      { role: 'assistant', content: called.content },
      {
        role: 'user',
        content: [{ type: 'tool_result', tool_use_id: use?.id ?? '', content: 'rain' }],
      },
    ];
    const answer = await ask({ model, ...question, messages });
    expect(answer.content).toEqual([{ type: 'text', text: 'It rains.' }]);
    const received = upstream.requests.at(-1)?.json;
    if (model === 'claude') expect(received).toMatchObject({ messages });
    else {
      expect(received).toMatchObject({
        tools: [
          {
            type: 'function',
            function: { name: 'get_weather', parameters: weatherTool.input_schema },
          },
        ],
        messages: [
          { role: 'user', content: 'How is Zürich?' },
          {
            role: 'assistant',
            tool_calls: [
              {
                id: 'call_1',
                type: 'function',
                function: { name: 'get_weather', arguments: '{"city":"Zürich"}' },
              },
            ],
          },
          { role: 'tool', tool_call_id: 'call_1', content: 'rain' },
        ],
      });
    }
  });

  it.each(['gpt', 'claude'])('are called in parallel in a stream from %s', async (model) => {
    proxy.open.script(sse([...callFrames(...weatherCalls), usageFrame()]));
    proxy.claude.script(sse(callEvents(...weatherCalls), { end: 'clean' }));
    const reply = await open({ model, ...question }).finalMessage();
    expect(reply.content).toMatchObject(
      weatherCalls.map((call) => ({ type: 'tool_use', ...call })),
    );
    expect(reply.stop_reason).toBe('tool_use');
  });
});

describe('what OpenAI says in other words', () => {
  it('includes images', async () => {
    const source = { type: 'base64', media_type: 'image/png', data: pixel } as const;
    const content = [
      { type: 'image' as const, source },
      { type: 'text' as const, text: 'What?' },
    ];
    await ask({ model: 'gpt', messages: [{ role: 'user', content }] });
    const parts = [
      { type: 'image_url', image_url: { url: `data:image/png;base64,${pixel}` } },
      { type: 'text', text: 'What?' },
    ];
    expect(proxy.open.requests.at(-1)?.json).toMatchObject({
      messages: [{ role: 'user', content: parts }],
    });
  });

  it('includes schemas of the output', async () => {
    proxy.open.script(json(200, completion('{"city":"Bern"}')));
    const format = jsonSchemaOutputFormat({
      type: 'object',
      properties: { city: { type: 'string' } },
      required: ['city'],
      additionalProperties: false,
    });
    const reply = await client.messages.parse({
      ...toParams({ model: 'gpt' }),
      output_config: { format, effort: 'low' },
    });
    expect(reply.parsed_output).toEqual({ city: 'Bern' });
    expect(proxy.open.requests.at(-1)?.json).toMatchObject({
      reasoning_effort: 'low',
      response_format: {
        type: 'json_schema',
        json_schema: { strict: true, schema: { properties: { city: { type: 'string' } } } },
      },
    });
  });

  it('includes the count of tokens, by an estimate', async () => {
    const messages = [{ role: 'user' as const, content: 'hello there' }];
    const estimated = await client.messages.countTokens({ model: 'gpt', messages });
    expect(estimated.input_tokens).toBeGreaterThan(1);
    proxy.claude.script(json(200, { input_tokens: 11 }));
    const counted = await client.messages.countTokens({ model: 'claude', messages });
    expect(counted.input_tokens).toBe(11);
  });

  it('includes the list of models', async () => {
    const ids: string[] = [];
    for await (const { id } of client.models.list()) ids.push(id);
    expect(ids).toEqual(expect.arrayContaining(['auto', 'class:coding', 'gpt', 'claude']));
    expect(await client.models.retrieve('gpt')).toMatchObject({ type: 'model', id: 'gpt' });
  });
});
