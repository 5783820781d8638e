import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/json.ts';
import { createChatOverMessages } from '../../src/translation/chat-over-messages.ts';

const translation = createChatOverMessages({ now: () => 1_700_000_000_900 });
const hello = { role: 'user', content: 'Hello' };
const weather = { type: 'function', function: { name: 'weather' } };

function translate(body: JsonObject, maxOutputTokens?: number): JsonObject {
  const result = translation.request({ messages: [hello], ...body }, { maxOutputTokens });
  if (result.kind === 'untranslatable') throw new Error(result.reason);
  return result.body;
}

function reasonAgainst(body: JsonObject): string {
  const result = translation.request(
    { messages: [hello], ...body },
    { maxOutputTokens: undefined },
  );
  return result.kind === 'untranslatable' ? result.reason : 'none';
}

const plain = {
  messages: [{ role: 'user', content: [{ type: 'text', text: 'Hello' }] }],
  max_tokens: 8192,
};

function toolCall(id: string, args: unknown = '{}', name = 'weather'): JsonObject {
  return { id, type: 'function', function: { name, arguments: args } };
}

function imagePart(url: unknown): JsonObject {
  return { type: 'image_url', image_url: { url, detail: 'high' } };
}

describe('the fields of a chat request for a Messages provider', () => {
  it.each<[string, JsonObject, JsonObject]>([
    ['the limit', { max_tokens: 5 }, { max_tokens: 5 }],
    ['the newer limit', { max_tokens: 5, max_completion_tokens: 6 }, { max_tokens: 6 }],
    ['a temperature', { temperature: 0.5 }, { temperature: 0.5 }],
    ['no temperature above 1', { temperature: 1.7 }, { temperature: 1 }],
    ['top_p', { top_p: 0 }, { top_p: 0 }],
    ['one stop sequence', { stop: 'END' }, { stop_sequences: ['END'] }],
    ['stop sequences', { stop: ['a', 'b'] }, { stop_sequences: ['a', 'b'] }],
    ['no stop sequence', { stop: [] }, {}],
    ['streaming', { stream: true, stream_options: { include_usage: true } }, { stream: true }],
    ['the user', { user: 'u1' }, { metadata: { user_id: 'u1' } }],
    ['no reasoning', { reasoning_effort: 'none' }, {}],
    ['minimal reasoning', { reasoning_effort: 'minimal' }, {}],
    ['an effort', { reasoning_effort: 'low' }, { output_config: { effort: 'low' } }],
    ['the highest effort', { reasoning_effort: 'xhigh' }, { output_config: { effort: 'xhigh' } }],
    ['plain text', { response_format: { type: 'text' } }, {}],
    [
      'a schema and an effort',
      {
        reasoning_effort: 'high',
        response_format: {
          type: 'json_schema',
          json_schema: {
            name: 'n',
            strict: true,
            description: 'A city',
            schema: { type: 'object' },
          },
        },
      },
      {
        output_config: {
          effort: 'high',
          format: { type: 'json_schema', schema: { description: 'A city', type: 'object' } },
        },
      },
    ],
  ])('say %s', (_, chat, expected) => {
    expect(translate(chat)).toStrictEqual({ ...plain, ...expected });
  });

  it('leave out the model and what changes nothing in the answer', () => {
    const chat = {
      model: 'auto',
      metadata: { a: 'b' },
      store: false,
      prompt_cache_key: 'k',
      prompt_cache_retention: '24h',
      safety_identifier: 's',
      service_tier: 'auto',
      n: 1,
      frequency_penalty: 0,
      presence_penalty: 0,
      logprobs: false,
      top_logprobs: 0,
      logit_bias: {},
      modalities: ['text'],
      verbosity: 'medium',
      parallel_tool_calls: true,
      tool_choice: 'auto',
      tools: [],
    };
    expect(translate(chat)).toStrictEqual(plain);
  });

  it('count as absent when they are null', () => {
    const names = `tools tool_choice max_tokens temperature stop stream user seed n functions
      reasoning_effort response_format logit_bias made_up`.split(/\s+/);
    expect(translate(Object.fromEntries(names.map((name) => [name, null])))).toStrictEqual(plain);
  });

  it('take the limit of the model when the client names none', () => {
    expect(translate({}, 64_000)['max_tokens']).toBe(64_000);
    expect(translate({ max_tokens: 5 }, 64_000)['max_tokens']).toBe(5);
  });

  it.each<[string, JsonObject]>([
    ['`seed` has no equivalent there', { seed: 1 }],
    ['`n` has no equivalent there', { n: 2 }],
    ['`frequency_penalty` has no equivalent there', { frequency_penalty: 0.1 }],
    ['`presence_penalty` has no equivalent there', { presence_penalty: '0' }],
    ['`logprobs` has no equivalent there', { logprobs: true }],
    ['`top_logprobs` has no equivalent there', { top_logprobs: 2 }],
    ['`logit_bias` has no equivalent there', { logit_bias: { 1: 2 } }],
    ['`logit_bias` has no equivalent there', { logit_bias: 'x' }],
    ['`modalities` has no equivalent there', { modalities: ['text', 'audio'] }],
    ['`verbosity` has no equivalent there', { verbosity: 'low' }],
    ['`service_tier` has no equivalent there', { service_tier: 'flex' }],
    ['`store` has no equivalent there', { store: true }],
    ['`functions` has no equivalent there', { functions: [] }],
    ['`function_call` has no equivalent there', { function_call: 'auto' }],
    ['`web_search_options` has no equivalent there', { web_search_options: {} }],
    ['`constructor` has no equivalent there', { constructor: 1 }],
    [`\`${'x'.repeat(64)}\` has no equivalent there`, { ['x'.repeat(999)]: 1 }],
    ['`json_object` has no equivalent there', { response_format: { type: 'json_object' } }],
    ['`response_format` has no schema', { response_format: { type: 'json_schema' } }],
    ['`response_format` is not an object', { response_format: 'text' }],
    ['`reasoning_effort` has no equivalent there for this value', { reasoning_effort: 'huge' }],
    ['`max_tokens` is not a positive integer', { max_tokens: 0 }],
    ['`max_completion_tokens` is not a positive integer', { max_completion_tokens: '5' }],
    ['`temperature` is not a number from 0 to 2', { temperature: 2.1 }],
    ['`top_p` is not a number from 0 to 1', { top_p: -1 }],
    ['`stop` is neither text nor a list of texts', { stop: ['a', 1] }],
    ['`stop` sequences without anything but whitespace are not accepted there', { stop: '\n' }],
    ['`stream` is not a boolean', { stream: 'yes' }],
    ['`user` is not a string', { user: 7 }],
  ])('are refused: %s', (reason, chat) => {
    expect(reasonAgainst(chat)).toBe(reason);
  });

  it('stay as the client sent them', () => {
    const text = JSON.stringify({
      messages: [
        { role: 'system', content: [{ type: 'text', text: 's', cache_control: { type: 'x' } }] },
        hello,
        { role: 'user', content: [imagePart('https://a.b/c.png')] },
        { role: 'assistant', content: null, tool_calls: [toolCall('1')] },
        { role: 'tool', tool_call_id: '1', content: 'r' },
      ],
      tools: [weather],
      tool_choice: 'required',
      parallel_tool_calls: false,
    });
    const body: JsonObject = JSON.parse(text);
    translate(body);
    expect(JSON.stringify(body)).toBe(text);
  });
});

describe('the tools of a chat request for a Messages provider', () => {
  const schema = { type: 'object', properties: { city: { type: 'string' } } };
  const bare = { name: 'weather', input_schema: { type: 'object', properties: {} } };

  it('keep name, description, parameters and strictness', () => {
    const details = { name: 'weather', description: 'Of a city', parameters: schema, strict: true };
    const tools = [
      { type: 'function', function: details, cache_control: { type: 'ephemeral' } },
      weather,
      { type: 'function', function: { name: 'free', parameters: {}, strict: false } },
      { type: 'function', function: { name: 'half', parameters: { required: [] } } },
    ];
    expect(translate({ tools })['tools']).toStrictEqual([
      {
        name: 'weather',
        description: 'Of a city',
        input_schema: schema,
        strict: true,
        cache_control: { type: 'ephemeral' },
      },
      bare,
      { name: 'free', input_schema: { type: 'object', properties: {} } },
      { name: 'half', input_schema: { type: 'object', required: [] } },
    ]);
  });

  it.each<[JsonObject, JsonObject | undefined]>([
    [{}, undefined],
    [{ tool_choice: 'auto' }, { type: 'auto' }],
    [{ tool_choice: 'none' }, { type: 'none' }],
    [{ tool_choice: 'required' }, { type: 'any' }],
    [{ tool_choice: weather }, { type: 'tool', name: 'weather' }],
    [{ parallel_tool_calls: false }, { type: 'auto', disable_parallel_tool_use: true }],
    [{ tool_choice: 'none', parallel_tool_calls: false }, { type: 'none' }],
    [
      { tool_choice: 'required', parallel_tool_calls: false },
      { type: 'any', disable_parallel_tool_use: true },
    ],
  ])('are chosen by %j as by %j', (chat, expected) => {
    expect(translate({ tools: [weather], ...chat })['tool_choice']).toStrictEqual(expected);
  });

  it.each<[string, JsonObject]>([
    ['`custom` has no equivalent there', { tools: [{ type: 'custom', custom: {} }] }],
    ['a tool is not an object', { tools: ['weather'] }],
    ['`tools` is not a list', { tools: {} }],
    ['a function has no name', { tools: [{ type: 'function' }] }],
    [
      '`parameters` of a tool is not an object',
      { tools: [{ type: 'function', function: { name: 'a', parameters: [] } }] },
    ],
    [
      '`description` of a tool is not a string',
      { tools: [{ type: 'function', function: { name: 'a', description: 1 } }] },
    ],
    ['`tool_choice` is not one of those known', { tools: [weather], tool_choice: 'maybe' }],
    [
      '`allowed_tools` has no equivalent there',
      { tools: [weather], tool_choice: { type: 'allowed_tools' } },
    ],
    ['`tool_choice` asks for a tool and there is none', { tool_choice: 'required' }],
    ['`parallel_tool_calls` is not a boolean', { tools: [weather], parallel_tool_calls: 0 }],
  ])('are refused: %s', (reason, chat) => {
    expect(reasonAgainst(chat)).toBe(reason);
  });
});

describe('the messages of a chat request for a Messages provider', () => {
  function turns(...messages: unknown[]): JsonObject {
    const { max_tokens: _, ...rest } = translate({ messages });
    return rest;
  }

  it('put what system and developer say into one text, wherever they stand', () => {
    const parts = [
      { type: 'text', text: 'Two.' },
      { type: 'text', text: ' \n' },
      { type: 'text', text: 'Three.' },
    ];
    expect(
      turns(
        { role: 'system', content: 'One.' },
        { role: 'developer', content: parts },
        hello,
        { role: 'system', content: 'Four.' },
        { role: 'user', content: 'again' },
      ),
    ).toStrictEqual({
      system: 'One.\nTwo.\nThree.\nFour.',
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'Hello' },
            { type: 'text', text: 'again' },
          ],
        },
      ],
    });
  });

  it('keep cache breakpoints', () => {
    const part = { type: 'text', text: 'a', cache_control: { type: 'ephemeral' } };
    expect(
      turns({ role: 'system', content: [part] }, { role: 'user', content: [part] }),
    ).toStrictEqual({ system: [part], messages: [{ role: 'user', content: [part] }] });
  });

  it('leave out what Mistral’s models thought, and take its bare addresses of images', () => {
    const thinking = { type: 'thinking', thinking: [{ type: 'text', text: 'hm' }] };
    const text = { type: 'text', text: 'a' };
    const url = 'https://a.b/c.png';
    expect(
      turns(
        { role: 'system', content: [thinking, text] },
        { role: 'user', content: [{ type: 'image_url', image_url: url }] },
        { role: 'assistant', content: [thinking, text] },
        { role: 'user', content: [text] },
      ),
    ).toStrictEqual({
      system: 'a',
      messages: [
        { role: 'user', content: [{ type: 'image', source: { type: 'url', url } }] },
        { role: 'assistant', content: [text] },
        { role: 'user', content: [text] },
      ],
    });
  });

  it('put tool results of one turn into one message, before its text', () => {
    expect(
      turns(
        hello,
        {
          role: 'assistant',
          content: '',
          tool_calls: [toolCall('a', '{"city":"Bern"}'), toolCall('functions.b:1', '')],
        },
        { role: 'user', content: 'Quick!' },
        { role: 'tool', tool_call_id: 'a', name: 'weather', content: 'rain' },
        {
          role: 'tool',
          tool_call_id: 'functions.b:1',
          content: [imagePart('http://a.b/c.png'), { type: 'text', text: '' }],
        },
        { role: 'tool', tool_call_id: 'c', content: '' },
      )['messages'],
    ).toStrictEqual([
      { role: 'user', content: [{ type: 'text', text: 'Hello' }] },
      {
        role: 'assistant',
        content: [
          { type: 'tool_use', id: 'a', name: 'weather', input: { city: 'Bern' } },
          { type: 'tool_use', id: 'enc64_ZnVuY3Rpb25zLmI6MQ', name: 'weather', input: {} },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'a', content: [{ type: 'text', text: 'rain' }] },
          {
            type: 'tool_result',
            tool_use_id: 'enc64_ZnVuY3Rpb25zLmI6MQ',
            content: [{ type: 'image', source: { type: 'url', url: 'http://a.b/c.png' } }],
          },
          { type: 'tool_result', tool_use_id: 'c' },
          { type: 'text', text: 'Quick!' },
        ],
      },
    ]);
  });

  it('keep what the assistant said and refused, but not what it thought', () => {
    expect(
      turns(
        hello,
        {
          role: 'assistant',
          content: [
            { type: 'text', text: 'Well ' },
            { type: 'refusal', refusal: 'No.' },
          ],
          reasoning_content: 'hm',
          annotations: [],
          audio: null,
        },
        { role: 'assistant', content: null, refusal: 'Never.' },
        { role: 'assistant', content: '' },
        hello,
      )['messages'],
    ).toStrictEqual([
      { role: 'user', content: [{ type: 'text', text: 'Hello' }] },
      {
        role: 'assistant',
        content: [
          { type: 'text', text: 'Well ' },
          { type: 'text', text: 'No.' },
          { type: 'text', text: 'Never.' },
        ],
      },
      { role: 'user', content: [{ type: 'text', text: 'Hello' }] },
    ]);
  });

  it('may not end with an answer that the client began, which would be continued there', () => {
    const begun = { role: 'assistant', content: 'I think ' };
    expect(reasonAgainst({ messages: [hello, begun] })).toBe('an answer begun by the client');
  });

  it('carry images and PDFs', () => {
    const pdf = 'data:application/pdf;base64,JVBERi0=';
    expect(
      turns({
        role: 'user',
        content: [
          imagePart('data:IMAGE/PNG;base64,iVBORw=='),
          imagePart('HTTPS://a.b/c'),
          { type: 'file', file: { file_data: pdf, filename: 'a.pdf' } },
        ],
      })['messages'],
    ).toStrictEqual([
      {
        role: 'user',
        content: [
          {
            type: 'image',
            source: { type: 'base64', media_type: 'image/png', data: 'iVBORw==' },
          },
          { type: 'image', source: { type: 'url', url: 'HTTPS://a.b/c' } },
          {
            type: 'document',
            source: { type: 'base64', media_type: 'application/pdf', data: 'JVBERi0=' },
            title: 'a.pdf',
          },
        ],
      },
    ]);
  });

  const parts = (...content: unknown[]) => [{ role: 'user', content }];
  const calling = (call: unknown) => [hello, { role: 'assistant', tool_calls: [call] }];

  it.each<[string, unknown]>([
    ['`messages` is not a list', undefined],
    ['`messages` is not a list', 'Hello'],
    ['there is no turn of a user or an assistant', []],
    ['there is no turn of a user or an assistant', [{ role: 'system', content: 'Be nice.' }]],
    ['there is no turn of a user or an assistant', [{ role: 'assistant', content: '' }]],
    ['a message is not an object', ['Hello']],
    ['a message has no known role', [{ content: 'Hello' }]],
    ['a message has no known role', [{ role: 'function', name: 'f', content: '' }]],
    ['a message has no known role', [{ role: 'constructor', content: '' }]],
    ['a user message without content has no equivalent there', [{ role: 'user', content: ' ' }]],
    ['`name` has no equivalent there', [{ ...hello, name: 'Ann' }]],
    ['`audio` has no equivalent there', [hello, { role: 'assistant', audio: { id: 'a' } }]],
    ['`function_call` has no equivalent there', [{ role: 'assistant', function_call: {} }]],
    [
      'the content of a message is neither text nor a list of parts',
      [{ role: 'user', content: { text: 'Hello' } }],
    ],
    ['a part of a message is not an object', parts('Hello')],
    ['the text of a part is not a string', parts({ type: 'text' })],
    ['`input_audio` has no equivalent there', parts({ type: 'input_audio', input_audio: {} })],
    ['`refusal` has no equivalent there', parts({ type: 'refusal', refusal: 'No.' })],
    ['`image_url` has no equivalent there', [{ role: 'assistant', content: [imagePart('a')] }]],
    ['`image_url` has no equivalent there', [{ role: 'system', content: [imagePart('a')] }]],
    ['the URL of an image is not a string', parts({ type: 'image_url', image_url: {} })],
    ['the URL of an image is neither http nor base64', parts(imagePart('file:///etc/passwd'))],
    ['the URL of an image is neither http nor base64', parts(imagePart('data:image/png,abc'))],
    ['the image is not a JPEG, PNG, GIF or WebP', parts(imagePart('data:image/bmp;base64,Qk0='))],
    ['`file_id` has no equivalent there', parts({ type: 'file', file: { file_id: 'f' } })],
    ['the file is not a PDF in base64', parts({ type: 'file', file: {} })],
    [
      'the file is not a PDF in base64',
      parts({ type: 'file', file: { file_data: 'data:text/csv;base64,YQ==' } }),
    ],
    ['`tool_calls` is not a list', [{ role: 'assistant', tool_calls: {} }]],
    ['a tool call is not an object', calling('weather')],
    ['`custom` has no equivalent there', calling({ id: 'a', type: 'custom', custom: {} })],
    ['a function has no name', calling(toolCall('a', '{}', ''))],
    ['a tool call has no id', calling(toolCall(''))],
    ['a tool call has no id', [{ role: 'tool', content: 'rain' }]],
    ['`arguments` of a tool call is not a string', calling(toolCall('a', {}))],
    ['the arguments of a tool call are not a JSON object', calling(toolCall('a', '{"city":'))],
    ['the arguments of a tool call are not a JSON object', calling(toolCall('a', '[1]'))],
  ])('are refused: %s', (reason, messages) => {
    expect(reasonAgainst({ messages })).toBe(reason);
  });
});
