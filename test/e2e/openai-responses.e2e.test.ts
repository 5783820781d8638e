import OpenAI from 'openai';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { failureOf } from '../support/failure-of.ts';
import { pixel, weatherCalls, weatherParameters } from '../support/sample-inputs.ts';
import { callEvents, messageWithCalls } from '../support/scripted-calls.ts';
import { functionCallItem, response, responseEvents } from '../support/scripted-responses.ts';
import { json, sse } from '../support/scripted-upstream.ts';
import { startTwoProtocols, type TwoProtocolsServer } from '../support/start-two-protocols.ts';
import { message, messageEvents, toEvent } from '../support/two-protocols.ts';

type Params = OpenAI.Responses.ResponseCreateParamsNonStreaming;

const weatherTool = {
  type: 'function' as const,
  name: 'get_weather',
  parameters: weatherParameters,
  strict: false,
};
const [weatherCall] = weatherCalls;

let proxy: TwoProtocolsServer;
let client: OpenAI;

beforeAll(async () => {
  proxy = await startTwoProtocols();
  client = new OpenAI({ baseURL: `${proxy.url}/v1`, apiKey: 'client-secret', maxRetries: 0 });
});

afterAll(() => proxy?.close());

beforeEach(() => {
  proxy.open.script(json(200, response('from gpt')));
  proxy.claude.script(json(200, message('from claude')));
});

function ask(params: Params, headers: Record<string, string> = {}) {
  return client.responses.create(params, { headers });
}

describe('a response', () => {
  it('comes from a provider that has the Responses API as it is', async () => {
    const params: Params = { model: 'gpt', input: 'hi', store: true, truncation: 'auto' };
    const reply = await ask(params);
    expect(reply.output_text).toBe('from gpt');
    expect(reply).toMatchObject(response('from gpt'));
    const received = proxy.open.requests.at(-1);
    expect(received?.path).toBe('/v1/responses');
    expect(received?.body.toString()).toBe(JSON.stringify(params));
  });

  it('comes from Anthropic in the same shape', async () => {
    const reply = await ask({
      model: 'claude',
      instructions: 'Be kind.',
      input: [
        {
          role: 'user',
          content: [
            { type: 'input_image', image_url: `data:image/png;base64,${pixel}`, detail: 'auto' },
            { type: 'input_text', text: 'What?' },
          ],
        },
      ],
      max_output_tokens: 99,
      reasoning: { effort: 'low' },
      text: { format: { type: 'json_schema', name: 'weather', schema: weatherParameters } },
    });
    expect(reply.output_text).toBe('from claude');
    expect(reply).toMatchObject({
      object: 'response',
      status: 'completed',
      model: 'claude-scripted',
      usage: { input_tokens: 5, output_tokens: 7, total_tokens: 12 },
    });
    const source = { type: 'base64', media_type: 'image/png', data: pixel };
    const received = proxy.claude.requests.at(-1);
    expect(received?.path).toBe('/v1/messages');
    expect(received?.json).toEqual({
      model: 'claude',
      system: 'Be kind.',
      messages: [
        {
          role: 'user',
          content: [
            { type: 'image', source },
            { type: 'text', text: 'What?' },
          ],
        },
      ],
      max_tokens: 99,
      output_config: {
        effort: 'low',
        format: { type: 'json_schema', schema: weatherParameters },
      },
    });
  });

  it.each(['gpt', 'claude'])('streams from %s', async (model) => {
    proxy.open.script(sse(responseEvents('Hel', 'lo'), { end: 'clean' }));
    proxy.claude.script(sse(messageEvents('Hel', 'lo'), { end: 'clean' }));
    const deltas: string[] = [];
    const stream = client.responses
      .stream({ model, input: 'hi' })
      .on('response.output_text.delta', ({ delta }) => deltas.push(delta));
    const reply = await stream.finalResponse();
    expect(deltas).toEqual(['Hel', 'lo']);
    expect(reply.status).toBe('completed');
    expect(reply.output_text).toBe('Hello');
    expect(reply.usage).toMatchObject({ input_tokens: 5, output_tokens: 7 });
  });
});

describe('functions', () => {
  it.each(['gpt', 'claude'])('are called by %s, which gets their results', async (model) => {
    proxy.open.script(
      json(200, response('', { output: [functionCallItem(weatherCall)] })),
      json(200, response('Rain.')),
    );
    proxy.claude.script(
      json(200, messageWithCalls('Let me see.', weatherCall)),
      json(200, message('Rain.')),
    );
    const input: OpenAI.Responses.ResponseInput = [{ role: 'user', content: 'How is Zürich?' }];
    const called = await ask({ model, input, tools: [weatherTool] });
    const call = called.output.find((item) => item.type === 'function_call');
    expect(call).toMatchObject({ name: 'get_weather', arguments: '{"city":"Zürich"}' });

    const output = { type: 'function_call_output' as const, call_id: call?.call_id ?? '' };
    const answer = await ask({
      model,
      input: [...input, ...(called.output as typeof input), { ...output, output: 'rain' }],
      tools: [weatherTool],
    });
    expect(answer.output_text).toBe('Rain.');
    if (model === 'gpt') return;
    expect(proxy.claude.requests.at(-1)?.json).toMatchObject({
      tools: [{ name: 'get_weather', input_schema: weatherParameters }],
      messages: [
        { role: 'user', content: [{ type: 'text', text: 'How is Zürich?' }] },
        {
          role: 'assistant',
          content: [
            { type: 'text', text: 'Let me see.' },
            { type: 'tool_use', ...weatherCall },
          ],
        },
        {
          role: 'user',
          content: [
            {
              type: 'tool_result',
              tool_use_id: weatherCall.id,
              content: [{ type: 'text', text: 'rain' }],
            },
          ],
        },
      ],
    });
  });

  it('are called in parallel in a stream from Anthropic', async () => {
    proxy.claude.script(sse(callEvents(...weatherCalls), { end: 'clean' }));
    const { output } = await client.responses
      .stream({ model: 'claude', input: 'hi', tools: [weatherTool] })
      .finalResponse();
    expect(output).toMatchObject(
      weatherCalls.map(({ id, name, input }) => ({
        type: 'function_call',
        call_id: id,
        name,
        arguments: JSON.stringify(input),
      })),
    );
  });
});

describe('what only its provider remembers', () => {
  const params = { input: 'And then?', previous_response_id: 'resp_earlier' };

  it('is refused by a model that can’t know it', async () => {
    const error = await failureOf(ask({ model: 'claude', ...params }), OpenAI.BadRequestError);
    expect(error.message).toContain('previous_response_id');
  });

  it('goes to a provider that has it', async () => {
    const headers = { 'x-switchyard-class': 'coding', 'x-switchyard-explain': '1' };
    const { data, response: reply } = await ask(
      { model: 'auto', ...params },
      headers,
    ).withResponse();
    expect(data.output_text).toBe('from gpt');
    expect(reply.headers.get('x-switchyard-attempts')).toBe('coding/gpt:ok');
    const { candidates } = JSON.parse(reply.headers.get('x-switchyard-explain') ?? '');
    const reason = expect.stringContaining('previous_response_id');
    expect(candidates[0]).toEqual(['claude', 'out', reason]);
    expect(proxy.open.requests.at(-1)?.json).toMatchObject(params);
  });
});

describe('a stream that breaks after content', () => {
  const overloaded = { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } };
  const failed = { type: 'response.failed', response: { error: { message: 'out of memory' } } };

  it.each(
    ['gpt', 'claude'].flatMap((model) => [
      [model, 'is torn', 'cut' as const, { open: '', claude: '' }] as const,
      [model, 'ends too early', 'clean' as const, { open: '', claude: '' }] as const,
      [
        model,
        'tells of an error',
        'clean' as const,
        { open: toEvent(failed), claude: toEvent(overloaded) },
      ] as const,
    ]),
  )('from %s makes the SDK throw when it %s', async (model, _story, end, tail) => {
    proxy.open.script(sse([...responseEvents('half').slice(0, 5), tail.open], { end }));
    proxy.claude.script(sse([...messageEvents('half').slice(0, 4), tail.claude], { end }));
    let text = '';
    const stream = await client.responses.create({ model, input: 'hi', stream: true });
    const reading = (async () => {
      for await (const event of stream) {
        if (event.type === 'response.output_text.delta') text += event.delta;
      }
    })();
    expect((await failureOf(reading, OpenAI.APIError)).message).toContain('broke off');
    expect(text).toBe('half');
  });
});
