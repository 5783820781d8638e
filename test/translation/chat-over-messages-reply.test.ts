import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/json.ts';
import { createChatOverMessages } from '../../src/translation/chat-over-messages.ts';

const translation = createChatOverMessages({ now: () => 1_700_000_000_900.5 });

const message = {
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'claude-x',
  content: [{ type: 'text', text: 'Hello' }],
  stop_reason: 'end_turn',
  stop_sequence: null,
  usage: { input_tokens: 3, output_tokens: 5 },
};

function reply(changes: JsonObject): JsonObject {
  return translation.reply({ ...message, ...changes }, {});
}

describe("a Messages provider's reply to a chat client", () => {
  it('has text, thinking, tool calls and usage where chat has them', () => {
    const content = [
      { type: 'thinking', thinking: 'Hm, ', signature: 's' },
      { type: 'redacted_thinking', data: 'x' },
      { type: 'thinking', thinking: 'both.', signature: 's' },
      { type: 'text', text: 'Let me ', citations: null },
      { type: 'text', text: 'look.' },
      { type: 'tool_use', id: 'toolu_1', name: 'weather', input: { city: 'Bern' } },
      { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: {} },
      { type: 'tool_use', id: 'toolu_2', name: 'time', input: {} },
    ];
    const usage = {
      input_tokens: 10,
      cache_read_input_tokens: 200,
      cache_creation_input_tokens: 3000,
      output_tokens: 40,
    };
    expect(reply({ content, usage, stop_reason: 'tool_use' })).toStrictEqual({
      id: 'msg_1',
      object: 'chat.completion',
      created: 1_700_000_000,
      model: 'claude-x',
      choices: [
        {
          index: 0,
          message: {
            role: 'assistant',
            content: 'Let me look.',
            reasoning_content: 'Hm, both.',
            tool_calls: [
              {
                id: 'toolu_1',
                type: 'function',
                function: { name: 'weather', arguments: '{"city":"Bern"}' },
              },
              { id: 'toolu_2', type: 'function', function: { name: 'time', arguments: '{}' } },
            ],
            refusal: null,
          },
          logprobs: null,
          finish_reason: 'tool_calls',
        },
      ],
      usage: {
        prompt_tokens: 3210,
        completion_tokens: 40,
        total_tokens: 3250,
        prompt_tokens_details: { cached_tokens: 200 },
      },
    });
  });

  it('has null for no content, and no usage that nobody counted', () => {
    expect(reply({ content: [], usage: undefined })).toStrictEqual({
      id: 'msg_1',
      object: 'chat.completion',
      created: 1_700_000_000,
      model: 'claude-x',
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: null, refusal: null },
          logprobs: null,
          finish_reason: 'stop',
        },
      ],
    });
  });

  it.each([
    ['end_turn', 'stop'],
    ['stop_sequence', 'stop'],
    ['pause_turn', 'stop'],
    ['max_tokens', 'length'],
    ['model_context_window_exceeded', 'length'],
    ['tool_use', 'tool_calls'],
    ['refusal', 'content_filter'],
    ['constructor', 'stop'],
    [null, 'stop'],
  ])('says for %s that it finished by %s', (stopReason, finishReason) => {
    expect(reply({ stop_reason: stopReason })['choices']).toMatchObject([
      { finish_reason: finishReason },
    ]);
  });

  it.each<[JsonObject]>([
    [{ id: undefined }],
    [{ model: 7 }],
    [{ content: 'Hello' }],
    [{ content: ['Hello'] }],
    [{ content: [{ type: 'text' }] }],
    [{ content: [{ type: 'thinking', thinking: null }] }],
    [{ content: [{ type: 'tool_use', name: 'weather', input: {} }] }],
    [{ content: [{ type: 'tool_use', id: 'toolu_1', input: {} }] }],
  ])('is an error with %j', (changes) => {
    expect(() => reply(changes)).toThrow(Error);
  });
});
