import { ChatOpenAI, type ChatOpenAIFields } from '@langchain/openai';
import OpenAI from 'openai';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { failureOf } from '../support/failure-of.ts';
import { pixel, weatherCalls, weatherParameters } from '../support/sample-inputs.ts';
import {
  callEvents,
  callFrames,
  completionWithCalls,
  messageWithCalls,
} from '../support/scripted-calls.ts';
import { functionCallItem, response } from '../support/scripted-responses.ts';
import {
  completion,
  contentFrames,
  json,
  reset,
  sse,
  stall,
} from '../support/scripted-upstream.ts';
import { startTwoProtocols, type TwoProtocolsServer } from '../support/start-two-protocols.ts';
import { message, messageEvents } from '../support/two-protocols.ts';

const weatherTool = {
  type: 'function',
  function: { name: 'get_weather', parameters: weatherParameters },
};
const toolCalls = weatherCalls.map(({ id, name, input }) => ({
  type: 'tool_call',
  id,
  name,
  args: input,
}));

let proxy: TwoProtocolsServer;

beforeAll(async () => {
  proxy = await startTwoProtocols();
});

afterAll(() => proxy?.close());

beforeEach(() => {
  proxy.open.script(json(200, completion('Hello')));
  proxy.claude.script(json(200, message('Hello')));
});

function open(model: string, fields: ChatOpenAIFields = {}): ChatOpenAI {
  return new ChatOpenAI({
    model,
    apiKey: 'client-secret',
    maxRetries: 0,
    configuration: { baseURL: `${proxy.url}/v1` },
    ...fields,
  });
}

function upstreamOf(model: string) {
  return model === 'gpt' ? proxy.open : proxy.claude;
}

describe.each(['gpt', 'claude'])('LangChain with %s', (model) => {
  it('invokes', async () => {
    const reply = await open(model).invoke([
      ['system', 'Be kind.'],
      ['human', 'hi'],
    ]);
    expect(reply.content).toBe('Hello');
    expect(reply.usage_metadata).toMatchObject({ input_tokens: 5, output_tokens: 7 });
  });

  it('streams', async () => {
    proxy.open.script(sse(contentFrames('Hel', 'lo')));
    proxy.claude.script(sse(messageEvents('Hel', 'lo'), { end: 'clean' }));
    const texts: unknown[] = [];
    for await (const { content } of await open(model).stream('hi')) texts.push(content);
    expect(texts.filter((text) => text !== '')).toEqual(['Hel', 'lo']);
  });

  it('binds tools, and sends their results', async () => {
    proxy.open.script(
      json(200, completionWithCalls(...weatherCalls)),
      json(200, completion('Rain.')),
    );
    proxy.claude.script(
      json(200, messageWithCalls('Let me see.', ...weatherCalls)),
      json(200, message('Rain.')),
    );
    const bound = open(model).bindTools([weatherTool]);
    const called = await bound.invoke('How is it?');
    expect(called.tool_calls).toEqual(toolCalls);
    const answer = await bound.invoke([
      ['human', 'How is it?'],
      called,
      ...weatherCalls.map(({ id, input }) => ({
        role: 'tool',
        tool_call_id: id,
        content: `rain in ${input.city}`,
      })),
    ]);
    expect(answer.content).toBe('Rain.');
    if (model === 'gpt') return;
    expect(proxy.claude.requests.at(-1)?.json).toMatchObject({
      tools: [{ name: 'get_weather', input_schema: weatherParameters }],
      messages: [
        { role: 'user' },
        {
          role: 'assistant',
          content: [
            { type: 'text', text: 'Let me see.' },
            ...weatherCalls.map((call) => ({ type: 'tool_use', ...call })),
          ],
        },
        { role: 'user', content: weatherCalls.map(({ id }) => ({ tool_use_id: id })) },
      ],
    });
  });

  it('binds tools by the Responses API', async () => {
    proxy.open.script(
      json(200, response('', { output: weatherCalls.map(functionCallItem) })),
      json(200, response('Rain.')),
    );
    proxy.claude.script(
      json(200, messageWithCalls('Let me see.', ...weatherCalls)),
      json(200, message('Rain.')),
    );
    const bound = open(model, { useResponsesApi: true }).bindTools([weatherTool]);
    const called = await bound.invoke('How is it?');
    expect(called.tool_calls).toEqual(toolCalls);
    const results = weatherCalls.map(({ id }) => ({
      role: 'tool',
      tool_call_id: id,
      content: 'rain',
    }));
    const answer = await bound.invoke([['human', 'How is it?'], called, ...results]);
    expect(answer.text).toBe('Rain.');
  });

  it('puts streamed tool calls together', async () => {
    proxy.open.script(sse(callFrames(...weatherCalls)));
    proxy.claude.script(sse(callEvents(...weatherCalls), { end: 'clean' }));
    const stream = await open(model).bindTools([weatherTool]).stream('How is it?');
    const chunks = [];
    for await (const chunk of stream) chunks.push(chunk);
    const whole = chunks.reduce((sum, chunk) => sum.concat(chunk));
    expect(whole.tool_calls).toEqual(toolCalls);
  });

  it.each(['functionCalling', 'jsonSchema'] as const)(
    'structures the output by %s',
    async (method) => {
      const text = '{"city":"Bern"}';
      const call = { id: 'call_1', name: 'place', input: JSON.parse(text) };
      const isCall = method === 'functionCalling';
      proxy.open.script(json(200, isCall ? completionWithCalls(call) : completion(text)));
      proxy.claude.script(json(200, isCall ? messageWithCalls('Here.', call) : message(text)));
      const structured = open(model).withStructuredOutput(z.object({ city: z.string() }), {
        name: 'place',
        method,
      });
      expect(await structured.invoke('Where?')).toEqual({ city: 'Bern' });
    },
  );

  it('shows images', async () => {
    const url = `data:image/png;base64,${pixel}`;
    const content = [
      { type: 'text' as const, text: 'what is this?' },
      { type: 'image_url' as const, image_url: { url } },
    ];
    await open(model).invoke([{ role: 'user', content }]);
    expect(upstreamOf(model).requests.at(-1)?.body.toString()).toContain(pixel);
  });

  it('stops the provider when it is aborted', async () => {
    const upstream = upstreamOf(model);
    upstream.script(stall);
    const before = upstream.requests.length;
    const controller = new AbortController();
    const outcome = failureOf(open(model).invoke('hi', { signal: controller.signal }), Error);
    await expect.poll(() => upstream.requests.length).toBe(before + 1);
    controller.abort();
    await outcome;
    await upstream.requests.at(-1)?.aborted;
  });

  it('throws what the OpenAI SDK throws', async () => {
    const failure = { type: 'invalid_request_error', message: 'too high' };
    for (const upstream of [proxy.open, proxy.claude]) {
      upstream.script(json(400, { type: 'error', error: failure }));
    }
    const error = await failureOf(open(model).invoke('hi'), OpenAI.BadRequestError);
    expect(error.message).toContain('too high');
    for (const upstream of [proxy.open, proxy.claude]) upstream.script(reset);
    await failureOf(open(model).invoke('hi'), OpenAI.InternalServerError);
  });

  it('never ends a broken stream cleanly', async () => {
    proxy.open.script(sse(contentFrames('half').slice(0, 2), { end: 'cut' }));
    proxy.claude.script(sse(messageEvents('half').slice(0, 4), { end: 'cut' }));
    let text = '';
    const reading = (async () => {
      for await (const { content } of await open(model).stream('hi')) text += content;
    })();
    await expect(reading).rejects.toThrow('broke off');
    expect(text).toBe('half');
  });
});
