import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/json.ts';
import { createResponsesOverChat } from '../../src/translation/responses-over-chat.ts';

const translation = createResponsesOverChat({ now: () => 0 });

function translate(body: JsonObject): JsonObject {
  const result = translation.request(body, { maxOutputTokens: undefined });
  if (result.kind === 'untranslatable') throw new Error(result.reason);
  return result.body;
}

function messagesOf(input: unknown): unknown {
  return translate({ input })['messages'];
}

function reasonOf(body: JsonObject): string {
  const result = translation.request(body, { maxOutputTokens: undefined });
  return result.kind === 'untranslatable' ? result.reason : 'it was translated';
}

const call = (id: string) => ({
  type: 'function_call',
  id: `fc_${id}`,
  call_id: id,
  name: 'weather',
  arguments: '{"city":"Paris"}',
  status: 'completed',
});
const chatCall = (id: string) => ({
  id,
  type: 'function',
  function: { name: 'weather', arguments: '{"city":"Paris"}' },
});
const output = (id: string) => ({ type: 'function_call_output', call_id: id, output: 'sunny' });
const toolMessage = (id: string) => ({ role: 'tool', tool_call_id: id, content: 'sunny' });
const assistant = (text: string) => ({
  type: 'message',
  id: 'msg_1',
  status: 'completed',
  role: 'assistant',
  content: [{ type: 'output_text', text, annotations: [], logprobs: [] }],
});

describe('a request of the Responses API, as a chat', () => {
  it('has the instructions first and the input as what the user says, without the model', () => {
    const body = { model: 'auto', instructions: 'Be brief.', input: 'Hello' };
    expect(translate(body)).toEqual({
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'Hello' },
      ],
    });
  });

  it.each<[string, unknown, unknown]>([
    ['a message without its type', { role: 'user', content: 'a' }, { role: 'user', content: 'a' }],
    [
      'a developer, whom compatible servers do not know',
      { type: 'message', role: 'developer', content: 'a' },
      { role: 'system', content: 'a' },
    ],
    [
      'one part of text as a string',
      { role: 'user', content: [{ type: 'input_text', text: 'a' }] },
      { role: 'user', content: 'a' },
    ],
    ['an earlier answer', assistant('a'), { role: 'assistant', content: 'a' }],
    [
      'text, an image and a file',
      {
        role: 'user',
        content: [
          { type: 'input_text', text: 'a' },
          { type: 'input_image', image_url: 'https://x/1.png', detail: 'low', file_id: null },
          { type: 'input_image', image_url: 'data:image/png;base64,AA==' },
          { type: 'input_file', filename: 'a.pdf', file_data: 'data:application/pdf;base64,AA==' },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'a' },
          { type: 'image_url', image_url: { url: 'https://x/1.png', detail: 'low' } },
          { type: 'image_url', image_url: { url: 'data:image/png;base64,AA==' } },
          {
            type: 'file',
            file: { filename: 'a.pdf', file_data: 'data:application/pdf;base64,AA==' },
          },
        ],
      },
    ],
    [
      'a refusal',
      { role: 'assistant', content: [{ type: 'refusal', refusal: 'No.' }] },
      { role: 'assistant', content: [{ type: 'refusal', refusal: 'No.' }] },
    ],
    [
      'the output of a function in parts',
      {
        type: 'function_call_output',
        call_id: 'c',
        output: [
          { type: 'input_text', text: 'a' },
          { type: 'input_text', text: 'b' },
        ],
      },
      {
        role: 'tool',
        tool_call_id: 'c',
        content: [
          { type: 'text', text: 'a' },
          { type: 'text', text: 'b' },
        ],
      },
    ],
  ])('holds %s', (_what, item, message) => {
    expect(messagesOf([item])).toEqual([message]);
  });

  it('holds all calls of one turn in one message, with what the assistant said and without its reasoning', () => {
    const reasoning = { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'x' };
    const items = [assistant('Wait.'), reasoning, call('1'), reasoning, call('2')];
    expect(messagesOf([...items, output('1'), output('2')])).toEqual([
      { role: 'assistant', content: 'Wait.', tool_calls: [chatCall('1'), chatCall('2')] },
      toolMessage('1'),
      toolMessage('2'),
    ]);
  });

  it('never separates calls from their outputs', () => {
    expect(messagesOf([call('1'), assistant('Wait.'), output('1')])).toEqual([
      { role: 'assistant', content: 'Wait.', tool_calls: [chatCall('1')] },
      toolMessage('1'),
    ]);
  });

  it('keeps the calls of different turns apart', () => {
    expect(messagesOf([call('1'), output('1'), call('2'), output('2'), assistant('a')])).toEqual([
      { role: 'assistant', content: null, tool_calls: [chatCall('1')] },
      toolMessage('1'),
      { role: 'assistant', content: null, tool_calls: [chatCall('2')] },
      toolMessage('2'),
      { role: 'assistant', content: 'a' },
    ]);
  });

  it.each<[JsonObject, JsonObject]>([
    [
      { temperature: 0.5, top_p: 0.9 },
      { temperature: 0.5, top_p: 0.9 },
    ],
    [{ max_output_tokens: 100 }, { max_tokens: 100 }],
    [{ reasoning: { effort: 'low', summary: 'auto' } }, { reasoning_effort: 'low' }],
    [{ text: { format: { type: 'text' }, verbosity: 'low' } }, { verbosity: 'low' }],
    [{ text: { format: { type: 'json_object' } } }, { response_format: { type: 'json_object' } }],
    [
      {
        text: {
          format: {
            type: 'json_schema',
            name: 'n',
            description: 'd',
            schema: { type: 'object' },
            strict: true,
          },
        },
      },
      {
        response_format: {
          type: 'json_schema',
          json_schema: { name: 'n', description: 'd', schema: { type: 'object' }, strict: true },
        },
      },
    ],
    [{ stream: true }, { stream: true, stream_options: { include_usage: true } }],
    [{ stream: false, stream_options: { include_obfuscation: false } }, {}],
    [
      {
        user: 'u',
        safety_identifier: 's',
        prompt_cache_key: 'k',
        prompt_cache_retention: '24h',
      },
      { user: 'u' },
    ],
    [
      {
        metadata: { a: 'b' },
        include: ['reasoning.encrypted_content'],
        store: false,
        background: false,
        truncation: 'disabled',
        service_tier: 'auto',
        top_logprobs: 0,
        previous_response_id: null,
        unheard_of: null,
      },
      {},
    ],
  ])('makes %j into %j', (settings, expected) => {
    const messages = [{ role: 'user', content: 'a' }];
    expect(translate({ input: 'a', ...settings })).toEqual({ messages, ...expected });
  });

  describe('with tools', () => {
    const parameters = { type: 'object', properties: {}, additionalProperties: false };
    const tool = { type: 'function', name: 'f', description: 'd', parameters, strict: true };
    const chatTool = {
      type: 'function',
      function: { name: 'f', description: 'd', parameters, strict: true },
    };

    it.each<[unknown, unknown]>([
      ['auto', 'auto'],
      ['none', 'none'],
      ['required', 'required'],
      [
        { type: 'function', name: 'f' },
        { type: 'function', function: { name: 'f' } },
      ],
    ])('nests functions and chooses %j', (choice, expected) => {
      const body = { input: 'a', tools: [tool], tool_choice: choice, parallel_tool_calls: false };
      expect(translate(body)).toEqual({
        messages: [{ role: 'user', content: 'a' }],
        tools: [chatTool],
        tool_choice: expected,
        parallel_tool_calls: false,
      });
    });

    it('leaves out what is null', () => {
      const bare = { type: 'function', name: 'f', description: null, parameters: null };
      expect(translate({ input: 'a', tools: [{ ...bare, strict: null }] })['tools']).toEqual([
        { type: 'function', function: { name: 'f' } },
      ]);
    });

    it('sends no settings for tools without tools, which chat refuses', () => {
      const body = { input: 'a', tools: [], tool_choice: 'auto', parallel_tool_calls: true };
      expect(translate(body)).toEqual({ messages: [{ role: 'user', content: 'a' }] });
    });
  });

  it('changes nothing that it is given', () => {
    const body = { input: [call('1'), assistant('a'), output('1')], stream: true };
    const before = structuredClone(body);
    translate(body);
    expect(body).toEqual(before);
  });
});

describe('a request of the Responses API without an equivalent', () => {
  const item = (value: unknown) => ({ input: [value] });
  const part = (value: unknown, role = 'user') => item({ role, content: [value] });
  const long = 'x'.repeat(999);

  it.each<[string, JsonObject]>([
    ['`store` needs a provider that keeps responses', { store: true }],
    ['`background` needs a provider that keeps responses', { background: true }],
    [
      '`previous_response_id` needs a provider that keeps responses: with `store: false`, clients send the conversation in full',
      { previous_response_id: 'r' },
    ],
    ['`conversation` needs a provider that keeps conversations', { conversation: { id: 'c' } }],
    ['`prompt` needs a provider that keeps prompts', { prompt: { id: 'p' } }],
    [
      '`include: message.output_text.logprobs` has no equivalent there',
      { include: ['reasoning.encrypted_content', 'message.output_text.logprobs'] },
    ],
    ['`truncation: auto` has no equivalent there', { truncation: 'auto' }],
    ['`service_tier: flex` has no equivalent there', { service_tier: 'flex' }],
    ['`top_logprobs: 3` has no equivalent there', { top_logprobs: 3 }],
    ['`max_tool_calls` has no equivalent there', { max_tool_calls: 3 }],
    ['`unheard_of` has no equivalent there', { unheard_of: false }],
    ['`constructor` has no equivalent there', { constructor: 1 }],
    ['`reasoning.mode` has no equivalent there', { reasoning: { mode: 'pro' } }],
    ['`text.format: grammar` has no equivalent there', { text: { format: { type: 'grammar' } } }],
    ['tools of type `web_search` have no equivalent there', { tools: [{ type: 'web_search' }] }],
    ['tools of type `custom` have no equivalent there', { tools: [{ type: 'custom', name: 'c' }] }],
    [
      '`tools[0].defer_loading` has no equivalent there',
      { tools: [{ type: 'function', name: 'f', defer_loading: true }] },
    ],
    [
      '`tool_choice` `allowed_tools` has no equivalent there',
      { tool_choice: { type: 'allowed_tools', mode: 'auto', tools: [] } },
    ],
    [
      '`tool_choice` demands a tool, and there are no `tools`',
      { tool_choice: 'required', tools: [] },
    ],
    [
      '`item_reference` needs a provider that keeps responses: with `store: false`, clients send items in full',
      item({ type: 'item_reference', id: 'msg_1' }),
    ],
    [
      '`item_reference` needs a provider that keeps responses: with `store: false`, clients send items in full',
      item({ id: 'msg_1' }),
    ],
    [
      'items of type `web_search_call` have no equivalent there',
      item({ type: 'web_search_call', id: 'ws_1' }),
    ],
    ['messages of role `tool` have no equivalent there', item({ role: 'tool', content: 'a' })],
    [
      '`file_id` needs the provider that keeps the file',
      part({ type: 'input_file', file_id: 'file_1' }),
    ],
    [
      '`file_id` needs the provider that keeps the file',
      part({ type: 'input_image', file_id: 'file_1' }),
    ],
    ['`file_url` has no equivalent there', part({ type: 'input_file', file_url: 'https://x' })],
    [
      '`detail: original` has no equivalent there',
      part({ type: 'input_image', image_url: 'https://x', detail: 'original' }),
    ],
    [
      '`input_audio` in a message of role `user` has no equivalent there',
      part({ type: 'input_audio' }),
    ],
    [
      '`input_image` in a message of role `assistant` has no equivalent there',
      part({ type: 'input_image', image_url: 'https://x' }, 'assistant'),
    ],
    [
      '`input_image` in a message of role `tool` has no equivalent there',
      item({ type: 'function_call_output', call_id: 'c', output: [{ type: 'input_image' }] }),
    ],
  ])('says: %s', (reason, settings) => {
    expect(reasonOf({ input: 'a', ...settings })).toBe(reason);
  });

  it.each<[string, JsonObject]>([
    ['a field', { [long]: 1 }],
    ['a field of a field', { text: { [long]: 1 } }],
    ['a type of tools', { tools: [{ type: long }] }],
    ['a choice of tools', { tool_choice: { type: long } }],
    ['a type of items', item({ type: long })],
    ['a role', item({ role: long, content: 'a' })],
    ['a type of parts', part({ type: long })],
    ['a setting', { truncation: long }],
  ])('quotes no long name of %s', (_what, settings) => {
    const reason = reasonOf({ input: 'a', ...settings });
    expect(reason).toMatch(/`x{50}|`text\.x{50}|`truncation: x{50}/);
    expect(reason.length).toBeLessThan(150);
  });

  it('quotes no odd name', () => {
    expect(reasonOf({ input: 'a', 'odd\nname`': 1 })).toBe('one unknown has no equivalent there');
  });

  it.each<[string, JsonObject]>([
    ['`input` is missing', { input: null }],
    ['`input` is empty', { input: [], instructions: 'a' }],
    ['`input` is empty', item({ type: 'reasoning', id: 'rs_1', summary: [] })],
    ['`input` is not a list', { input: 1 }],
    ['`input[0]` is not an object', item('a')],
    ['`input[0].content` is not a list', item({ role: 'user', content: 1 })],
    ['`input[0].content[0]` is not an object', part('a')],
    ['`input[0].content[0].text` is not a string', part({ type: 'input_text' })],
    ['`input[0].content[0].image_url` is not a string', part({ type: 'input_image' })],
    ['`input[0].role` is not a string', item({ type: 'message', content: 'a' })],
    ['`input[0].call_id` is not a string', item({ ...call('1'), call_id: 1 })],
    ['`input[0].arguments` is not a string', item({ ...call('1'), arguments: {} })],
    ['`instructions` is not a string', { instructions: ['a'] }],
    ['`temperature` is not a number', { temperature: 'hot' }],
    ['`max_output_tokens` is not a number', { max_output_tokens: '1' }],
    ['`stream` is not a boolean', { stream: 'yes' }],
    ['`store` is not a boolean', { store: 'yes' }],
    ['`metadata` is not an object', { metadata: 'a' }],
    ['`tools` is not a list', { tools: {} }],
    [
      '`tools[0].parameters` is not an object',
      { tools: [{ type: 'function', name: 'f', parameters: 'p' }] },
    ],
    [
      '`text.format.schema` is not an object',
      { text: { format: { type: 'json_schema', name: 'n' } } },
    ],
  ])('says of a wrong type: %s', (reason, settings) => {
    expect(reasonOf({ input: 'a', ...settings })).toBe(reason);
  });
});
