import OpenAI from 'openai';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { failureOf } from '../support/failure-of.ts';
import { pixel, weatherCalls, weatherParameters } from '../support/sample-inputs.ts';
import { callEvents, messageWithCalls } from '../support/scripted-calls.ts';
import { completion, json, sse, stall } from '../support/scripted-upstream.ts';
import { startTwoProtocols, type TwoProtocolsServer } from '../support/start-two-protocols.ts';
import { message, messageEvents, toEvent } from '../support/two-protocols.ts';

type Params = OpenAI.ChatCompletionCreateParamsNonStreaming;

const question = {
  model: 'claude',
  messages: [{ role: 'user', content: 'hi' }],
} satisfies Params;
const weatherTool = {
  type: 'function' as const,
  function: { name: 'get_weather', description: 'The weather.', parameters: weatherParameters },
};

let proxy: TwoProtocolsServer;
let client: OpenAI;

beforeAll(async () => {
  proxy = await startTwoProtocols();
  client = new OpenAI({ baseURL: `${proxy.url}/v1`, apiKey: 'client-secret', maxRetries: 0 });
});

afterAll(() => proxy?.close());

beforeEach(() => {
  proxy.open.script(json(200, completion('from gpt')));
  proxy.claude.script(json(200, message('from claude')));
});

function ask(more: Partial<Params> = {}) {
  return client.chat.completions.create({ ...question, ...more });
}

/** What Anthropic received last. */
function received() {
  return proxy.claude.requests.at(-1)?.json;
}

describe('a chat completion from Anthropic', () => {
  it('is like one from OpenAI', async () => {
    const reply = await ask({
      messages: [
        { role: 'developer', content: 'Be kind.' },
        { role: 'user', content: 'hi' },
      ],
      max_completion_tokens: 99,
      temperature: 0.5,
      stop: ['END'],
      reasoning_effort: 'high',
      user: 'someone',
    });
    expect(reply).toMatchObject({
      object: 'chat.completion',
      model: 'claude-scripted',
      choices: [
        { index: 0, message: { role: 'assistant', content: 'from claude' }, finish_reason: 'stop' },
      ],
      usage: { prompt_tokens: 5, completion_tokens: 7, total_tokens: 12 },
    });
    const request = proxy.claude.requests.at(-1);
    expect(request?.path).toBe('/v1/messages');
    expect(request?.headers).toMatchObject({
      'x-api-key': 'claude-secret',
      'anthropic-version': '2023-06-01',
    });
    expect(request?.json).toEqual({
      model: 'claude',
      system: 'Be kind.',
      messages: [{ role: 'user', content: [{ type: 'text', text: 'hi' }] }],
      max_tokens: 99,
      temperature: 0.5,
      stop_sequences: ['END'],
      metadata: { user_id: 'someone' },
      output_config: { effort: 'high' },
    });
  });

  it('streams, with the usage when asked for', async () => {
    proxy.claude.script(sse(messageEvents('Hel', 'lo'), { end: 'clean' }));
    const stream = client.chat.completions.stream({
      ...question,
      stream: true,
      stream_options: { include_usage: true },
    });
    const texts: string[] = [];
    stream.on('content', (delta) => texts.push(delta));
    const reply = await stream.finalChatCompletion();
    expect(texts).toEqual(['Hel', 'lo']);
    expect(reply.choices[0]?.message.content).toBe('Hello');
    expect(reply.choices[0]?.finish_reason).toBe('stop');
    expect(reply.usage).toMatchObject({ prompt_tokens: 5, completion_tokens: 7 });
    expect(received()).toMatchObject({ stream: true });
    expect(received()).not.toHaveProperty('stream_options');
  });

  it('holds images as blocks, and answers by a schema', async () => {
    proxy.claude.script(json(200, message('{"city":"Bern"}')));
    const schema = { type: 'object', properties: { city: { type: 'string' } } };
    const url = `data:image/png;base64,${pixel}`;
    const reply = await client.chat.completions.parse({
      ...question,
      messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url } }] }],
      response_format: {
        type: 'json_schema',
        json_schema: { name: 'place', schema, strict: true },
      },
    });
    expect(reply.choices[0]?.message.content).toBe('{"city":"Bern"}');
    const source = { type: 'base64', media_type: 'image/png', data: pixel };
    expect(received()).toMatchObject({
      messages: [{ role: 'user', content: [{ type: 'image', source }] }],
      output_config: { format: { type: 'json_schema', schema } },
    });
  });
});

describe('tools', () => {
  it('are called in parallel in a stream', async () => {
    proxy.claude.script(sse(callEvents(...weatherCalls), { end: 'clean' }));
    const stream = client.chat.completions.stream({ ...question, tools: [weatherTool] });
    const choice = (await stream.finalChatCompletion()).choices[0];
    expect(choice?.finish_reason).toBe('tool_calls');
    expect(choice?.message.tool_calls).toMatchObject(
      weatherCalls.map(({ id, name, input }) => ({
        id,
        type: 'function',
        function: { name, arguments: JSON.stringify(input) },
      })),
    );
  });

  it.each([
    [
      'whole',
      [json(200, messageWithCalls('Let me see.', ...weatherCalls)), json(200, message('Rain.'))],
    ],
    [
      'streamed',
      [
        sse(callEvents(...weatherCalls), { end: 'clean' }),
        sse(messageEvents('Rain', '.'), { end: 'clean' }),
      ],
    ],
  ])('are run by the SDK, and their results go back: %s', async (how, steps) => {
    proxy.claude.script(...steps);
    const asked: string[] = [];
    const run = ({ city }: { city: string }) => {
      asked.push(city);
      return `rain in ${city}`;
    };
    const tool = {
      ...weatherTool,
      function: { ...weatherTool.function, parse: JSON.parse, function: run },
    };
    const params = { ...question, tools: [tool] };
    const runner =
      how === 'whole'
        ? client.chat.completions.runTools(params)
        : client.chat.completions.runTools({ ...params, stream: true });
    expect(await runner.finalContent()).toBe('Rain.');
    expect(asked).toEqual(['Zürich', 'Bern']);
    const results = weatherCalls.map(({ id, input }) => ({
      type: 'tool_result',
      tool_use_id: id,
      content: [{ type: 'text', text: `rain in ${input.city}` }],
    }));
    const uses = weatherCalls.map((call) => ({ type: 'tool_use', ...call }));
    const text = how === 'whole' ? [{ type: 'text', text: 'Let me see.' }] : [];
    expect(received()?.['messages']).toEqual([
      { role: 'user', content: [{ type: 'text', text: 'hi' }] },
      { role: 'assistant', content: [...text, ...uses] },
      { role: 'user', content: results },
    ]);
    expect(received()).toMatchObject({
      tools: [{ name: 'get_weather', input_schema: weatherParameters }],
    });
  });
});

describe('what goes wrong at Anthropic', () => {
  const overloaded = { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } };

  it('is a BadRequestError with its message when the request is wrong', async () => {
    const wrong = { type: 'invalid_request_error', message: 'max_tokens: 99 is too many' };
    proxy.claude.script(json(400, { type: 'error', error: wrong }));
    const error = await failureOf(ask(), OpenAI.BadRequestError);
    expect(error.message).toContain('max_tokens: 99 is too many');
    expect(error.type).toBe('invalid_request_error');
  });

  it('makes the next provider answer when it is overloaded', async () => {
    proxy.claude.script(json(529, overloaded));
    const { data, response } = await ask({ model: 'class:coding' }).withResponse();
    expect(data.choices[0]?.message.content).toBe('from gpt');
    expect(response.headers.get('x-switchyard-attempts')).toBe('coding/claude:529, coding/gpt:ok');
  });

  it.each([
    ['is torn', 'cut', ''],
    ['ends too early', 'clean', ''],
    ['tells of an error', 'clean', toEvent(overloaded)],
  ] as const)('makes the SDK throw when a stream %s', async (_story, end, tail) => {
    proxy.claude.script(sse([...messageEvents('half').slice(0, 4), tail], { end }));
    const stream = await client.chat.completions.create({ ...question, stream: true });
    let text = '';
    const reading = (async () => {
      for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
    })();
    expect((await failureOf(reading, OpenAI.APIError)).message).toContain('broke off');
    expect(text).toBe('half');
  });

  it('ends with the client that leaves', async () => {
    proxy.claude.script(stall);
    const before = proxy.claude.requests.length;
    const controller = new AbortController();
    const pending = client.chat.completions.create(question, { signal: controller.signal });
    const outcome = expect(pending).rejects.toThrow(OpenAI.APIUserAbortError);
    await expect.poll(() => proxy.claude.requests.length).toBe(before + 1);
    controller.abort();
    await outcome;
    await proxy.claude.requests.at(-1)?.aborted;
  });
});

describe('what can’t be said in Anthropic’s protocol', () => {
  it.each([
    ['logprobs', { logprobs: true }],
    ['seed', { seed: 7 }],
  ])('goes to a provider of OpenAI’s make: %s', async (name, more) => {
    const headers = { 'x-switchyard-explain': '1' };
    const { data, response } = await client.chat.completions
      .create({ ...question, ...more, model: 'class:coding' }, { headers })
      .withResponse();
    expect(data.choices[0]?.message.content).toBe('from gpt');
    expect(proxy.open.requests.at(-1)?.json).toMatchObject(more);
    const { candidates } = JSON.parse(response.headers.get('x-switchyard-explain') ?? '');
    const reason = `asked in messages: \`${name}\` has no equivalent there`;
    expect(candidates[0]).toEqual(['claude', 'out', reason]);

    const error = await failureOf(ask(more), OpenAI.BadRequestError);
    expect(error.message).toContain(`400 No model can serve this request: claude (${reason})`);
  });
});
