import { createOpenAI, type OpenAIProvider } from '@ai-sdk/openai';
import { APICallError, generateText, Output, stepCountIs, streamText, tool } from 'ai';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { failureOf } from '../support/failure-of.ts';
import { pixel, weatherCalls } from '../support/sample-inputs.ts';
import {
  callEvents,
  callFrames,
  completionWithCalls,
  messageWithCalls,
} from '../support/scripted-calls.ts';
import { functionCallItem, response, responseEvents } from '../support/scripted-responses.ts';
import {
  completion,
  contentFrames,
  json,
  type Step,
  sse,
  stall,
} from '../support/scripted-upstream.ts';
import { startTwoProtocols, type TwoProtocolsServer } from '../support/start-two-protocols.ts';
import { message, messageEvents } from '../support/two-protocols.ts';

let proxy: TwoProtocolsServer;
let provider: OpenAIProvider;

beforeAll(async () => {
  proxy = await startTwoProtocols();
  provider = createOpenAI({ baseURL: `${proxy.url}/v1`, apiKey: 'client-secret' });
});

afterAll(() => proxy?.close());

beforeEach(() => answer('Hello'));

/** By the path that is asked: the two protocols of `open` look different. */
function byPath(chat: Step, responses: Step): Step {
  return (reply, request) => (request.path === '/v1/responses' ? responses : chat)(reply, request);
}

function answer(text: string): void {
  proxy.open.script(byPath(json(200, completion(text)), json(200, response(text))));
  proxy.claude.script(json(200, message(text)));
}

const ways = ['gpt', 'claude'].flatMap((model) => [
  [`${model} as a chat`, () => provider.chat(model)] as const,
  [`${model} by the Responses API`, () => provider(model)] as const,
]);

const getWeather = tool({
  description: 'The weather of a city.',
  inputSchema: z.object({ city: z.string() }),
  execute: async ({ city }) => `rain in ${city}`,
});

function upstreamOf(story: string) {
  return story.startsWith('gpt') ? proxy.open : proxy.claude;
}

describe.each(ways)('Vercel’s AI SDK with %s', (story, open) => {
  it('generates text', async () => {
    const { text, finishReason, usage } = await generateText({
      model: open(),
      system: 'Be kind.',
      prompt: 'hi',
      maxOutputTokens: 99,
      maxRetries: 0,
    });
    expect(text).toBe('Hello');
    expect(finishReason).toBe('stop');
    expect(usage).toMatchObject({ inputTokens: 5, outputTokens: 7 });
  });

  it('streams text', async () => {
    proxy.open.script(
      byPath(sse(contentFrames('Hel', 'lo')), sse(responseEvents('Hel', 'lo'), { end: 'clean' })),
    );
    proxy.claude.script(sse(messageEvents('Hel', 'lo'), { end: 'clean' }));
    const result = streamText({ model: open(), prompt: 'hi', maxRetries: 0 });
    const texts: string[] = [];
    for await (const text of result.textStream) texts.push(text);
    expect(texts).toEqual(['Hel', 'lo']);
    expect(await result.finishReason).toBe('stop');
  });

  it('runs the tools that the model calls', async () => {
    proxy.open.script(
      byPath(
        json(200, completionWithCalls(...weatherCalls)),
        json(200, response('', { output: weatherCalls.map(functionCallItem) })),
      ),
      byPath(json(200, completion('Rain.')), json(200, response('Rain.'))),
    );
    proxy.claude.script(
      json(200, messageWithCalls('Let me see.', ...weatherCalls)),
      json(200, message('Rain.')),
    );
    const { text, steps } = await generateText({
      model: open(),
      // Else it refers to earlier items of a response, which not every provider keeps.
      providerOptions: { openai: { store: false } },
      prompt: 'How is it?',
      tools: { get_weather: getWeather },
      stopWhen: stepCountIs(3),
      maxRetries: 0,
    });
    expect(text).toBe('Rain.');
    expect(steps[0]?.toolResults.map(({ output }) => output)).toEqual([
      'rain in Zürich',
      'rain in Bern',
    ]);
    expect(upstreamOf(story).requests.at(-1)?.body.toString()).toContain('rain in Bern');
  });

  it('generates an object by a schema', async () => {
    answer('{"city":"Bern"}');
    const { output } = await generateText({
      model: open(),
      prompt: 'Where?',
      output: Output.object({ schema: z.object({ city: z.string() }) }),
      maxRetries: 0,
    });
    expect(output).toEqual({ city: 'Bern' });
    const received = upstreamOf(story).requests.at(-1)?.json;
    if (story.startsWith('claude')) {
      const schema = { type: 'object', properties: { city: { type: 'string' } } };
      expect(received).toMatchObject({
        output_config: { format: { type: 'json_schema', schema } },
      });
    }
  });

  it('shows images', async () => {
    await generateText({
      model: open(),
      messages: [
        { role: 'user', content: [{ type: 'image', image: `data:image/png;base64,${pixel}` }] },
      ],
      maxRetries: 0,
    });
    expect(upstreamOf(story).requests.at(-1)?.body.toString()).toContain(pixel);
  });

  it('stops the provider when it is aborted', async () => {
    const upstream = upstreamOf(story);
    upstream.script(stall);
    const before = upstream.requests.length;
    const controller = new AbortController();
    const asked = { model: open(), prompt: 'hi', maxRetries: 0, abortSignal: controller.signal };
    const outcome = failureOf(generateText(asked), Error);
    await expect.poll(() => upstream.requests.length).toBe(before + 1);
    controller.abort();
    await outcome;
    await upstream.requests.at(-1)?.aborted;
  });

  it('throws an APICallError with the status', async () => {
    const failure = { type: 'invalid_request_error', message: 'too high' };
    upstreamOf(story).script(json(400, { type: 'error', error: failure }));
    const error = await failureOf(
      generateText({ model: open(), prompt: 'hi', maxRetries: 0 }),
      APICallError,
    );
    expect(error.statusCode).toBe(400);
    expect(error.message).toContain('too high');
    expect(error.isRetryable).toBe(false);
  });

  it('never ends a broken stream cleanly', async () => {
    proxy.open.script(
      byPath(
        sse(contentFrames('half').slice(0, 2), { end: 'cut' }),
        sse(responseEvents('half').slice(0, 5), { end: 'cut' }),
      ),
    );
    proxy.claude.script(sse(messageEvents('half').slice(0, 4), { end: 'cut' }));
    const errors: unknown[] = [];
    const result = streamText({
      model: open(),
      prompt: 'hi',
      maxRetries: 0,
      onError: ({ error }) => void errors.push(error),
    });
    let text = '';
    for await (const part of result.textStream) text += part;
    expect(text).toBe('half');
    expect(JSON.stringify(errors)).toContain('broke off');
    expect(JSON.stringify(errors)).not.toContain('TypeValidation');
    expect(await result.finishReason).toBe('error');
  });
});

it('runs streamed tool calls of a chat', async () => {
  for (const model of ['gpt', 'claude']) {
    proxy.open.script(sse(callFrames(...weatherCalls)), sse(contentFrames('Rain.')));
    proxy.claude.script(
      sse(callEvents(...weatherCalls), { end: 'clean' }),
      sse(messageEvents('Rain.'), { end: 'clean' }),
    );
    const result = streamText({
      model: provider.chat(model),
      prompt: 'How is it?',
      tools: { get_weather: getWeather },
      stopWhen: stepCountIs(3),
      maxRetries: 0,
    });
    expect(await result.text).toBe('Rain.');
    expect((await result.steps)[0]?.toolResults).toHaveLength(2);
  }
});

it('goes on with calls of a response that nobody keeps, since the SDK sends them in full', async () => {
  proxy.claude.script(
    json(200, messageWithCalls('', ...weatherCalls)),
    json(200, message('Rain.')),
  );
  const { text } = await generateText({
    model: provider('claude'),
    prompt: 'How is it?',
    tools: { get_weather: getWeather },
    stopWhen: stepCountIs(3),
    maxRetries: 0,
  });
  expect(text).toBe('Rain.');
});

it('says how to go on with a response that nobody keeps', async () => {
  proxy.claude.script(json(200, messageWithCalls('Let me see.', ...weatherCalls)));
  const pending = generateText({
    model: provider('claude'),
    prompt: 'How is it?',
    tools: { get_weather: getWeather },
    stopWhen: stepCountIs(3),
    maxRetries: 0,
  });
  const error = await failureOf(pending, APICallError);
  expect(error.statusCode).toBe(400);
  expect(error.message).toContain('nobody keeps it');
  expect(error.message).toContain('with `store: false`');
});
