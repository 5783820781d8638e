import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/json.ts';
import { createResponsesOverChat } from '../../src/translation/responses-over-chat.ts';
import { begun, callItem, messageItem, part } from './response-fixture.ts';

const translation = createResponsesOverChat({ now: () => 1_700_000_000_999.5 });

function complete(message: JsonObject, finishReason = 'stop'): JsonObject {
  return {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1,
    model: 'small-1',
    choices: [{ index: 0, message, finish_reason: finishReason }],
  };
}

const text = (value: string, status = 'completed') => messageItem(status, [part(value)]);

const toolCall = (id: string) => ({
  id,
  type: 'function',
  function: { name: 'f', arguments: '{}' },
});

describe('a chat completion, as a response', () => {
  it('holds the answer, the usage and what SDKs read of the request', () => {
    const tools = [{ type: 'function', name: 'f', parameters: {}, strict: false }];
    const request = {
      model: 'auto',
      input: 'Hello',
      instructions: 'Be brief.',
      metadata: { a: 'b' },
      parallel_tool_calls: false,
      temperature: 0.5,
      top_p: 0.9,
      tool_choice: 'required',
      tools,
      max_output_tokens: 100,
      reasoning: { effort: 'low', summary: 'auto' },
      text: { verbosity: 'low' },
      user: 'u',
    };
    const usage = {
      prompt_tokens: 10,
      completion_tokens: 5,
      total_tokens: 15,
      prompt_tokens_details: { cached_tokens: 4 },
      completion_tokens_details: { reasoning_tokens: 2 },
    };
    const message = { role: 'assistant', content: 'Hi.', tool_calls: [toolCall('call_a')] };
    const { input: _input, model: _model, ...echoed } = request;
    expect(translation.reply({ ...complete(message, 'tool_calls'), usage }, request)).toEqual({
      ...begun,
      ...echoed,
      status: 'completed',
      output: [text('Hi.'), { ...callItem(0, 'completed', 'f', '{}'), call_id: 'call_a' }],
      reasoning: { effort: 'low', summary: null },
      text: { format: { type: 'text' }, verbosity: 'low' },
      usage: {
        input_tokens: 10,
        input_tokens_details: { cached_tokens: 4 },
        output_tokens: 5,
        output_tokens_details: { reasoning_tokens: 2 },
        total_tokens: 15,
      },
    });
  });

  it('has the defaults for what the request leaves open', () => {
    expect(translation.reply(complete({ content: 'a' }), { input: 'a' })).toEqual({
      ...begun,
      status: 'completed',
      output: [text('a')],
    });
  });

  it.each([
    ['length', 'max_output_tokens'],
    ['content_filter', 'content_filter'],
  ])('is incomplete after the finish reason %s, and so is its last item', (finish, reason) => {
    const reply = translation.reply(complete({ content: 'a' }, finish), { input: 'a' });
    expect(reply).toMatchObject({ status: 'incomplete', incomplete_details: { reason } });
    expect(reply['output']).toEqual([text('a', 'incomplete')]);
  });

  it('holds a refusal', () => {
    const reply = translation.reply(complete({ content: null, refusal: 'No.' }), {});
    expect(reply['output']).toEqual([
      { ...text(''), content: [{ type: 'refusal', refusal: 'No.' }] },
    ]);
  });

  it('leaves out reasoning, also where it is a part of the content', () => {
    const content = [
      { type: 'thinking', thinking: [{ type: 'text', text: 'hm' }] },
      { type: 'text', text: 'a' },
    ];
    const reply = translation.reply(complete({ content, reasoning_content: 'hm' }), {});
    expect(reply['output']).toEqual([text('a')]);
  });

  it('has no items when nothing was said', () => {
    expect(translation.reply(complete({ content: '' }), {})['output']).toEqual([]);
  });

  it('gives ids to calls that came without', () => {
    const calls = [toolCall(''), { function: { name: 'g' } }];
    const call_id = expect.stringMatching(/^call_[0-9a-f]{32}$/);
    const reply = translation.reply(complete({ tool_calls: calls }), {});
    expect(reply['output']).toEqual([
      { ...callItem(0, 'completed', 'f', '{}'), call_id },
      { ...callItem(1, 'completed', 'g', ''), call_id },
    ]);
  });

  it('makes its ids of the chat’s, anew where that is none or no good, and names the asked model', () => {
    const kept = translation.reply({ ...complete({ content: 'a' }), id: 'resp_7' }, {});
    expect(kept).toMatchObject({ id: 'resp_unkept_7', output: [{ id: 'msg_unkept_7' }] });
    const made = translation.reply({ choices: [{ message: {} }] }, { model: 'auto' });
    expect(made['id']).toMatch(/^resp_unkept_[0-9a-f-]{36}$/);
    const long = translation.reply({ ...complete({ content: 'a' }), id: 'x'.repeat(49) }, {});
    expect(long['id']).toMatch(/^resp_unkept_[0-9a-f-]{36}$/);
    expect(made['model']).toBe('auto');
  });

  it('counts the tokens that the server did not add up', () => {
    const usage = { prompt_tokens: 3, completion_tokens: 4 };
    const reply = translation.reply({ ...complete({ content: 'a' }), usage }, {});
    expect(reply['usage']).toEqual({
      input_tokens: 3,
      input_tokens_details: { cached_tokens: 0 },
      output_tokens: 4,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: 7,
    });
  });

  it.each<[string, JsonObject]>([
    ['the reply holds no message', {}],
    ['the reply holds no message', { choices: [] }],
    ['the reply holds no message', { choices: [{ index: 0 }] }],
    ['`content` of the reply is not a text', complete({ content: 1 })],
    ["the reply's `tool_calls` is not a list", complete({ tool_calls: {} })],
    ['the reply holds a tool call without a name', complete({ tool_calls: [{ id: 'a' }] })],
    [
      '`arguments` of the reply is not a text',
      complete({ tool_calls: [{ function: { name: 'f', arguments: {} } }] }),
    ],
  ])('throws: %s', (message, reply) => {
    expect(() => translation.reply(reply, {})).toThrow(message);
  });
});
