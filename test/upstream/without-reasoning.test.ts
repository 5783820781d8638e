import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/json.ts';
import { withoutReasoning } from '../../src/upstream/without-reasoning.ts';

const user = { role: 'user', content: 'go on' };

describe('what a model thought before', () => {
  it('is left out of Messages, with its signature, and calls of tools keep their ids', () => {
    const call = { type: 'tool_use', id: 'toolu_1', name: 'run', input: {} };
    const thinking = { type: 'thinking', thinking: 'hm', signature: 'c2ln' };
    const body = {
      model: 'a',
      thinking: { type: 'enabled', budget_tokens: 2_000 },
      messages: [
        user,
        { role: 'assistant', content: [thinking, call] },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1' }] },
        { role: 'assistant', content: [{ type: 'redacted_thinking', data: 'x' }] },
        user,
      ],
    };
    expect(withoutReasoning('messages', body, 'none')).toEqual({
      ...body,
      messages: [
        body.messages[0],
        { role: 'assistant', content: [call] },
        body.messages[2],
        body.messages[4],
      ],
    });
  });

  it('is left out of Responses', () => {
    const reasoning = { type: 'reasoning', id: 'rs_1', encrypted_content: 'x', summary: [] };
    const call = { type: 'function_call', call_id: 'call_1', name: 'run', arguments: '{}' };
    expect(withoutReasoning('responses', { input: [user, reasoning, call] }, 'none')).toEqual({
      input: [user, call],
    });
  });

  it('is left out of chat completions, whatever it is called there', () => {
    const reply = {
      role: 'assistant',
      content: 'done',
      reasoning: 'hm',
      reasoning_content: 'hm',
      reasoning_details: [{ type: 'reasoning.encrypted', data: 'x' }],
    };
    expect(withoutReasoning('chat', { messages: [user, reply] }, 'none')).toEqual({
      messages: [user, { role: 'assistant', content: 'done' }],
    });
  });

  it('stays as far as the same provider has thought it since the human spoke', () => {
    const thinking = { type: 'thinking', thinking: 'hm', signature: 'c2ln' };
    const call = { type: 'tool_use', id: 'toolu_1', name: 'run', input: {} };
    const answer = { role: 'assistant', content: [thinking, { type: 'text', text: 'done' }] };
    const note = { type: 'text', text: '<system-reminder>Be brief.</system-reminder>' };
    const result = { type: 'tool_result', tool_use_id: 'toolu_1' };
    const loop = [
      { role: 'assistant', content: [thinking, call] },
      { role: 'user', content: [result, note] },
    ];
    const messages = [user, answer, user, ...loop];
    expect(withoutReasoning('messages', { messages }, 'all')).toBeUndefined();
    expect(withoutReasoning('messages', { messages }, 'current')).toEqual({
      messages: [
        user,
        { role: 'assistant', content: [{ type: 'text', text: 'done' }] },
        user,
        ...loop,
      ],
    });
  });

  it.each<[string, 'chat' | 'messages' | 'responses' | 'embeddings', JsonObject]>([
    ['a request without any', 'chat', { messages: [user, { role: 'assistant', content: 'a' }] }],
    ['a human who writes of it', 'messages', { messages: [{ ...user, reasoning: 'mine' }] }],
    ['input as a text', 'responses', { input: 'go on' }],
    ['messages that make no sense', 'messages', { messages: [null, 1, 'text', { role: 1 }] }],
    ['a protocol that has none', 'embeddings', { input: ['reasoning'] }],
  ])('is nothing to leave out of %s', (_case, protocol, body) => {
    expect(withoutReasoning(protocol, body, 'none')).toBeUndefined();
  });
});
