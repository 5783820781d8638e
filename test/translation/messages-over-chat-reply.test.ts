import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/json.ts';
import { messagesOverChat } from '../../src/translation/messages-over-chat.ts';

const request = { model: 'auto', max_tokens: 100, messages: [] };

function completion(message: JsonObject, finishReason: unknown = 'stop'): JsonObject {
  return {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1,
    model: 'gpt-4.1',
    choices: [
      { index: 0, message: { role: 'assistant', ...message }, finish_reason: finishReason },
    ],
    usage: {
      prompt_tokens: 30,
      completion_tokens: 7,
      total_tokens: 37,
      prompt_tokens_details: { cached_tokens: 20 },
    },
  };
}

function call(id: unknown, name: unknown, input: unknown): JsonObject {
  return { id, type: 'function', function: { name, arguments: input } };
}

function reply(message: JsonObject, finishReason?: unknown): JsonObject {
  return messagesOverChat.reply(completion(message, finishReason), request);
}

describe('a chat completion, as a message', () => {
  it('has the text, and counts what came from the cache apart', () => {
    expect(reply({ content: 'Hi.', refusal: null, reasoning_content: 'A greeting.' })).toEqual({
      id: 'chatcmpl-1',
      type: 'message',
      role: 'assistant',
      model: 'gpt-4.1',
      content: [{ type: 'text', text: 'Hi.' }],
      stop_reason: 'end_turn',
      stop_sequence: null,
      usage: {
        input_tokens: 10,
        output_tokens: 7,
        cache_read_input_tokens: 20,
        cache_creation_input_tokens: 0,
      },
    });
  });

  it('has the calls after the text', () => {
    const calls = [call('call_1', 'get_weather', '{"city":"Rome"}'), call(undefined, 'now', '')];
    expect(reply({ content: 'One moment.', tool_calls: calls }, 'tool_calls')).toMatchObject({
      content: [
        { type: 'text', text: 'One moment.' },
        { type: 'tool_use', id: 'call_1', name: 'get_weather', input: { city: 'Rome' } },
        {
          type: 'tool_use',
          id: expect.stringMatching(/^toolu_[0-9a-f]{32}$/),
          name: 'now',
          input: {},
        },
      ],
      stop_reason: 'tool_use',
    });
  });

  it.each([
    ['null', { content: null }, []],
    ['empty', { content: '' }, []],
    [
      'written as parts',
      {
        content: [
          { type: 'thinking', thinking: [] },
          { type: 'text', text: 'Hi' },
        ],
      },
      [{ type: 'text', text: 'Hi' }],
    ],
  ])('takes content that is %s', (_, message, content) => {
    expect(reply(message)['content']).toEqual(content);
  });

  it('shows a refusal as text and as the reason to stop', () => {
    expect(reply({ content: null, refusal: 'No.' })).toMatchObject({
      content: [{ type: 'text', text: 'No.' }],
      stop_reason: 'refusal',
    });
  });

  const calls = [call('call_1', 'now', '{}')];

  it.each([
    ['stop', {}, 'end_turn'],
    ['length', {}, 'max_tokens'],
    ['tool_calls', { tool_calls: calls }, 'tool_use'],
    ['function_call', {}, 'tool_use'],
    ['content_filter', {}, 'refusal'],
    ['eos', {}, 'end_turn'],
    [null, {}, 'end_turn'],
    ['stop', { tool_calls: calls }, 'tool_use'],
    ['length', { tool_calls: calls }, 'max_tokens'],
  ])('that finished with %j and %j stops with %s', (finishReason, message, expected) => {
    expect(reply({ content: 'Hi', ...message }, finishReason)['stop_reason']).toBe(expected);
  });

  it('that was cut off within the arguments of a call says so, without them', () => {
    const cut = completion({ tool_calls: [call('call_1', 'now', '{"city":"Par')] });
    const [choice] = cut['choices'] as object[];
    const body = { ...cut, choices: [{ ...choice, finish_reason: 'length' }] };
    expect(messagesOverChat.reply(body, request)).toMatchObject({
      stop_reason: 'max_tokens',
      content: expect.arrayContaining([{ type: 'tool_use', id: 'call_1', name: 'now', input: {} }]),
    });
  });

  it('does without usage, id and model', () => {
    const bare = { choices: [{ message: { content: 'Hi' }, finish_reason: 'stop' }] };
    expect(messagesOverChat.reply(bare, request)).toMatchObject({
      id: expect.stringMatching(/^msg_[0-9a-f]{32}$/),
      model: 'auto',
      usage: { input_tokens: 0, output_tokens: 0 },
    });
  });

  it.each([
    ['no choices', {}, 'the completion has no message'],
    ['content that is none', completion({ content: 1 }), '`content` of the reply is not a text'],
    ['an empty list of choices', { choices: [] }, 'the completion has no message'],
    ['a choice without a message', { choices: [{}] }, 'the completion has no message'],
    [
      'a call with half its arguments',
      completion({ tool_calls: [call('call_1', 'now', '{"a":')] }),
      'the arguments of a tool call are not a JSON object',
    ],
    [
      'a call with a list for arguments',
      completion({ tool_calls: [call('call_1', 'now', '[]')] }),
      'the arguments of a tool call are not a JSON object',
    ],
    [
      'a call of nothing',
      completion({ tool_calls: [{ id: 'call_1', type: 'custom' }] }),
      'a tool call has no function',
    ],
  ])('throws for %s', (_, body, message) => {
    expect(() => messagesOverChat.reply(body, request)).toThrow(message);
  });
});
