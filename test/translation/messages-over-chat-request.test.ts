import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/json.ts';
import { messagesOverChat } from '../../src/translation/messages-over-chat.ts';

const hello = { role: 'user', content: 'Hello' };
const schema = { type: 'object', properties: { city: { type: 'string', default: null } } };
const weather = { name: 'get_weather', description: 'The weather', input_schema: schema };
const weatherFunction = {
  type: 'function',
  function: { name: 'get_weather', description: 'The weather', parameters: schema },
};

function translate(fields: JsonObject): unknown {
  const request = { model: 'auto', max_tokens: 100, messages: [hello], ...fields };
  const before = JSON.stringify(request);
  const result = messagesOverChat.request(request, { maxOutputTokens: undefined });
  expect(JSON.stringify(request)).toBe(before);
  return result.kind === 'translated' ? result.body : result.reason;
}

/** What the fields add to the plainest request. */
function added(fields: JsonObject): unknown {
  const body = translate(fields);
  if (typeof body !== 'object') return body;
  const { messages, max_tokens, ...rest } = body as JsonObject;
  expect({ messages, max_tokens }).toEqual({ messages: [hello], max_tokens: 100 });
  return rest;
}

function turns(...messages: JsonObject[]): unknown {
  const body = translate({ messages });
  return typeof body === 'object' ? (body as JsonObject)['messages'] : body;
}

function userTurn(...content: unknown[]): unknown {
  return turns({ role: 'user', content });
}

describe('a request for Messages, sent as one for chat completions', () => {
  it('keeps what both protocols know', () => {
    expect(
      translate({
        system: 'Be brief.',
        temperature: 0,
        top_p: 0.9,
        stop_sequences: ['END'],
        metadata: { user_id: 'u-1' },
        service_tier: 'auto',
        cache_control: { type: 'ephemeral' },
        thinking: null,
      }),
    ).toEqual({
      messages: [{ role: 'system', content: 'Be brief.' }, hello],
      max_tokens: 100,
      temperature: 0,
      top_p: 0.9,
      stop: ['END'],
      user: 'u-1',
    });
  });

  it.each([
    [
      'asks a stream for its usage',
      { stream: true },
      { stream: true, stream_options: { include_usage: true } },
    ],
    ['needs no word for a plain reply', { stream: false }, {}],
    ['leaves out an empty list of stop sequences', { stop_sequences: [] }, {}],
    ['leaves out a user too long for OpenAI', { metadata: { user_id: 'u'.repeat(65) } }, {}],
    ['has no word for a standard tier', { service_tier: 'standard_only' }, {}],
  ])('%s', (_, fields, expected) => {
    expect(added(fields)).toEqual(expected);
  });

  it.each([
    [{ type: 'disabled' }, undefined, {}],
    [{ type: 'enabled', budget_tokens: 2048 }, undefined, { reasoning_effort: 'low' }],
    [{ type: 'enabled', budget_tokens: 2049 }, undefined, { reasoning_effort: 'medium' }],
    [{ type: 'enabled', budget_tokens: 8192 }, undefined, { reasoning_effort: 'medium' }],
    [{ type: 'enabled', budget_tokens: 8193 }, undefined, { reasoning_effort: 'high' }],
    [{ type: 'adaptive' }, undefined, { reasoning_effort: 'medium' }],
    [{ type: 'adaptive' }, 'low', { reasoning_effort: 'low' }],
    [undefined, 'high', { reasoning_effort: 'high' }],
    [undefined, 'xhigh', { reasoning_effort: 'xhigh' }],
    [undefined, 'max', { reasoning_effort: 'xhigh' }],
    [undefined, null, {}],
  ])('turns thinking %j with effort %j into %j', (thinking, effort, expected) => {
    expect(added({ thinking, output_config: { effort } })).toEqual(expected);
  });

  it.each([
    ['output_config', { output_config: { format: { type: 'json_schema', schema } } }],
    ['output_format', { output_format: { type: 'json_schema', schema } }],
  ])('asks for the JSON schema in %s', (_, fields) => {
    expect(added(fields)).toEqual({
      response_format: {
        type: 'json_schema',
        json_schema: { name: 'output', schema, strict: true },
      },
    });
  });

  describe('tools', () => {
    it('become functions', () => {
      const hints = { cache_control: { type: 'ephemeral' }, defer_loading: true };
      const tools = [
        { ...weather, ...hints },
        { type: 'custom', name: 'now', input_schema: { type: 'object' }, strict: true },
      ];
      const now = { name: 'now', parameters: { type: 'object' }, strict: true };
      expect(added({ tools })).toEqual({
        tools: [weatherFunction, { type: 'function', function: now }],
      });
    });

    it.each([
      [{ type: 'auto' }, { tool_choice: 'auto' }],
      [{ type: 'any' }, { tool_choice: 'required' }],
      [{ type: 'none' }, { tool_choice: 'none' }],
      [
        { type: 'tool', name: 'get_weather' },
        { tool_choice: { type: 'function', function: { name: 'get_weather' } } },
      ],
      [
        { type: 'auto', disable_parallel_tool_use: true },
        { tool_choice: 'auto', parallel_tool_calls: false },
      ],
      [{ type: 'auto', disable_parallel_tool_use: false }, { tool_choice: 'auto' }],
    ])('are chosen by %j', (choice, expected) => {
      expect(added({ tools: [weather], tool_choice: choice })).toEqual({
        tools: [weatherFunction],
        ...expected,
      });
    });

    it('are not mentioned where there are none', () => {
      const choice = { type: 'auto', disable_parallel_tool_use: true };
      expect(added({ tools: [], tool_choice: choice })).toEqual({});
    });
  });

  describe('messages', () => {
    it('take the system prompt from blocks, and system messages where they stand', () => {
      const system = [
        { type: 'text', text: 'One.', cache_control: { type: 'ephemeral' } },
        { type: 'text', text: 'Two.' },
      ];
      const messages = [hello, { role: 'system', content: 'Three.' }, hello];
      expect(translate({ system, messages })).toEqual({
        messages: [
          { role: 'system', content: 'One.\n\nTwo.' },
          hello,
          { role: 'system', content: 'Three.' },
          hello,
        ],
        max_tokens: 100,
      });
      expect(added({ system: [] })).toEqual({});
    });

    it.each([
      ['one text as a string', [{ type: 'text', text: 'Hi' }], 'Hi'],
      [
        'several texts as parts',
        [
          { type: 'text', text: 'a' },
          { type: 'text', text: 'b' },
        ],
        [
          { type: 'text', text: 'a' },
          { type: 'text', text: 'b' },
        ],
      ],
      [
        'an image in base64 as a data URL',
        [{ type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AAAA' } }],
        [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } }],
      ],
      [
        'an image by its URL',
        [{ type: 'image', source: { type: 'url', url: 'https://a.example/b.png' } }],
        [{ type: 'image_url', image_url: { url: 'https://a.example/b.png' } }],
      ],
      [
        'a PDF as a file',
        [
          {
            type: 'document',
            title: 'Report',
            context: 'Of May.',
            source: { type: 'base64', media_type: 'application/pdf', data: 'JVBE' },
          },
        ],
        [
          { type: 'text', text: 'Of May.' },
          {
            type: 'file',
            file: { filename: 'Report.pdf', file_data: 'data:application/pdf;base64,JVBE' },
          },
        ],
      ],
      [
        'a PDF without a title',
        [
          {
            type: 'document',
            citations: { enabled: false },
            source: { type: 'base64', media_type: 'application/pdf', data: 'JVBE' },
          },
        ],
        [
          {
            type: 'file',
            file: { filename: 'document.pdf', file_data: 'data:application/pdf;base64,JVBE' },
          },
        ],
      ],
      [
        'a document of plain text as text',
        [
          {
            type: 'document',
            title: 'Notes',
            source: { type: 'text', media_type: 'text/plain', data: 'abc' },
          },
        ],
        'Notes\n\nabc',
      ],
    ])('say %s', (_, content, expected) => {
      expect(userTurn(...content)).toEqual([{ role: 'user', content: expected }]);
    });

    it('keep calls and results of a past turn, and drop its thinking', () => {
      const past = [
        { type: 'thinking', thinking: 'Hm.', signature: 's' },
        { type: 'redacted_thinking', data: 'x' },
        { type: 'text', text: 'Let me ' },
        { type: 'text', text: 'look.' },
        { type: 'tool_use', id: 'toolu_1', name: 'get_weather', input: { city: null } },
        { type: 'tool_use', id: 'toolu_2', name: 'now', input: {} },
      ];
      const answers = [
        { type: 'text', text: 'And now?' },
        { type: 'tool_result', tool_use_id: 'toolu_1', content: 'Rain' },
        { type: 'tool_result', tool_use_id: 'toolu_2' },
      ];
      expect(
        turns(hello, { role: 'assistant', content: past }, { role: 'user', content: answers }),
      ).toEqual([
        hello,
        {
          role: 'assistant',
          content: 'Let me look.',
          tool_calls: [
            {
              id: 'toolu_1',
              type: 'function',
              function: { name: 'get_weather', arguments: '{"city":null}' },
            },
            { id: 'toolu_2', type: 'function', function: { name: 'now', arguments: '{}' } },
          ],
        },
        { role: 'tool', tool_call_id: 'toolu_1', content: 'Rain' },
        { role: 'tool', tool_call_id: 'toolu_2', content: '' },
        { role: 'user', content: 'And now?' },
      ]);
    });

    it('have null for text beside a call, and nothing for a turn that was only thinking', () => {
      const call = { type: 'tool_use', id: 'toolu_1', name: 'now', input: {} };
      const thinking = { type: 'thinking', thinking: 'Hm.', signature: 's' };
      const past = [call, thinking].map((block) => ({ role: 'assistant', content: [block] }));
      expect(turns(...past, hello)).toEqual([
        {
          role: 'assistant',
          content: null,
          tool_calls: [
            { id: 'toolu_1', type: 'function', function: { name: 'now', arguments: '{}' } },
          ],
        },
        hello,
      ]);
    });

    it('hand on the image of a result after the results', () => {
      const image = { type: 'image', source: { type: 'url', url: 'https://a.example/b.png' } };
      const content = [{ type: 'text', text: 'A plot:' }, image];
      expect(
        userTurn(
          { type: 'tool_result', tool_use_id: 'toolu_1', content },
          { type: 'tool_result', tool_use_id: 'toolu_2', content: [{ type: 'text', text: 'b' }] },
          { type: 'text', text: 'What is it?' },
        ),
      ).toEqual([
        {
          role: 'tool',
          tool_call_id: 'toolu_1',
          content: 'A plot:\n\n(More of this result follows in a message of the user.)',
        },
        { role: 'tool', tool_call_id: 'toolu_2', content: 'b' },
        {
          role: 'user',
          content: [
            { type: 'image_url', image_url: { url: 'https://a.example/b.png' } },
            { type: 'text', text: 'What is it?' },
          ],
        },
      ]);
    });

    it.each([
      ['no such file', 'Error: no such file'],
      ['Error: no such file', 'Error: no such file'],
      ['<error>no</error>', '<error>no</error>'],
      ['errors.ts is missing', 'Error: errors.ts is missing'],
      ['', 'Error'],
    ])('mark the failed result %j', (content, expected) => {
      const result = { type: 'tool_result', tool_use_id: 'toolu_1', is_error: true, content };
      expect(userTurn(result)).toEqual([
        { role: 'tool', tool_call_id: 'toolu_1', content: expected },
      ]);
    });
  });

  describe('is refused', () => {
    it.each([
      [{ top_k: 5 }, '`top_k` has no equivalent there'],
      [{ container: 'c' }, '`container` has no equivalent there'],
      [{ mcp_servers: [] }, '`mcp_servers` has no equivalent there'],
      [
        { context_management: { edits: [{ type: 'clear_tool_uses_20250919' }] } },
        '`context_management` `clear_tool_uses_20250919` has no equivalent there',
      ],
      [{ 'odd name\n': 1 }, 'one unknown has no equivalent there'],
      [{ service_tier: 'priority' }, '`service_tier` `priority` has no equivalent there'],
      [{ max_tokens: 0 }, '`max_tokens` of 0 has no equivalent there'],
      [{ max_tokens: '1' }, '`max_tokens` is not a number'],
      [{ temperature: 'hot' }, '`temperature` is not a number'],
      [{ stream: 'yes' }, '`stream` is not a boolean'],
      [{ system: 1 }, '`system` is not a list'],
      [{ system: [{ type: 'image' }] }, 'a block of type `image` has no equivalent there'],
      [{ metadata: 1 }, '`metadata` is not an object'],
      [{ metadata: { user_id: 1 } }, '`metadata.user_id` is not a string'],
      [
        { stop_sequences: ['1', '2', '3', '4', '5'] },
        '`stop_sequences` has more than the 4 possible there',
      ],
      [{ stop_sequences: [1] }, 'one of `stop_sequences` is not a string'],
      [
        { thinking: { type: 'between_tools' } },
        '`thinking` of type `between_tools` has no equivalent there',
      ],
      [{ thinking: {} }, '`thinking` has no type'],
      [{ thinking: { type: 'enabled' } }, '`thinking.budget_tokens` is not a number'],
      [
        { output_config: { effort: 'huge' } },
        '`output_config.effort` `huge` has no equivalent there',
      ],
      [
        { output_config: { task_budget: {} } },
        '`task_budget` of `output_config` has no equivalent there',
      ],
      [
        { output_format: { type: 'grammar' } },
        'an output format of type `grammar` has no equivalent there',
      ],
      [
        { output_format: { type: 'json_schema' } },
        'the schema of the output format is not an object',
      ],
      [
        { tools: [{ type: 'web_search_20250305', name: 'web_search' }] },
        'a tool of type `web_search_20250305` has no equivalent there',
      ],
      [
        { tools: [{ ...weather, input_examples: [{}] }] },
        '`input_examples` of a tool has no equivalent there',
      ],
      [{ tools: [{ name: 'a' }] }, '`input_schema` of a tool is not an object'],
      [{ tools: 'all' }, '`tools` is not a list'],
      [{ tool_choice: { type: 'any' } }, '`tool_choice` asks for a tool where there is none'],
      [{ tools: [weather], tool_choice: 'auto' }, '`tool_choice` is not an object'],
      [{ messages: 'Hello' }, '`messages` is not a list'],
      [{ messages: [] }, '`messages` is empty'],
      [{ messages: ['Hello'] }, 'a message is not an object'],
      [{ messages: [{ role: 'user' }] }, '`content` of a message is not a list'],
      [
        { messages: [{ role: 'tool', content: '' }] },
        'a message of role `tool` has no equivalent there',
      ],
      [
        { messages: [hello, { role: 'assistant', content: 'Well,' }] },
        'an answer begun by the client has no equivalent there',
      ],
    ])('with %j', (fields, reason) => {
      expect(translate(fields)).toBe(reason);
    });

    it.each([
      [{ type: 'server_tool_use' }, 'a block of type `server_tool_use` has no equivalent there'],
      [{ type: 'search_result' }, 'a block of type `search_result` has no equivalent there'],
      [{ type: 'container_upload' }, 'a block of type `container_upload` has no equivalent there'],
      [{ type: 'tool_use' }, 'a block of type `tool_use` has no equivalent there'],
      [{}, 'a block of type one unknown has no equivalent there'],
      ['Hello', 'a block of `content` of a message is not an object'],
      [{ type: 'text', text: 1 }, '`text` of a block is not a string'],
      [
        { type: 'image', source: { type: 'file', file_id: 'f' } },
        'an image from a source of type `file` has no equivalent there',
      ],
      [{ type: 'image' }, '`source` of an image is not an object'],
      [
        { type: 'document', source: { type: 'url', url: 'https://a.example/b.pdf' } },
        'a document from a source of type `url` has no equivalent there',
      ],
      [
        { type: 'document', source: { type: 'base64', media_type: 'text/html', data: '' } },
        'a document in base64 that is not a PDF has no equivalent there',
      ],
      [
        { type: 'document', citations: { enabled: true }, source: {} },
        '`citations` of a document has no equivalent there',
      ],
      [
        { type: 'tool_result', tool_use_id: 't', content: [{ type: 'tool_reference' }] },
        'a block of type `tool_reference` has no equivalent there',
      ],
      [
        { type: 'tool_result', content: '' },
        '`tool_use_id` of a `tool_result` block is not a string',
      ],
    ])('with the block %j of a user', (block, reason) => {
      expect(userTurn(block)).toBe(reason);
    });

    it.each([
      [{ type: 'image' }, 'a block of type `image` has no equivalent there'],
      [{ type: 'mcp_tool_use' }, 'a block of type `mcp_tool_use` has no equivalent there'],
      [{ type: 'tool_use', id: 't', name: 'n' }, '`input` of a `tool_use` block is not an object'],
    ])('with the block %j of an assistant', (block, reason) => {
      expect(turns(hello, { role: 'assistant', content: [block] }, hello)).toBe(reason);
    });
  });
});

describe('the limits of the model that is asked', () => {
  const ask = (fields: object, maxOutputTokens: number | undefined) =>
    messagesOverChat.request(
      { model: 'auto', max_tokens: 32_000, messages: [hello], ...fields },
      { maxOutputTokens },
    );

  it('lower the limit of the reply, which it would not reach', () => {
    expect(ask({}, 8_192)).toMatchObject({ body: { max_tokens: 8_192 } });
    expect(ask({}, undefined)).toMatchObject({ body: { max_tokens: 32_000 } });
  });

  it('have nothing to do with thinking that is cleared from the history', () => {
    const edits = [{ type: 'clear_thinking_20251015', keep: 'all' }];
    expect(ask({ context_management: { edits } }, undefined)).toMatchObject({ kind: 'translated' });
  });
});
