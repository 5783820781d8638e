// What a hostile or broken client sends must not cost more than its own request.
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/json.ts';
import type { Protocol } from '../../src/protocol.ts';
import { createFindTranslation } from '../../src/translation/find-translation.ts';

const findTranslation = createFindTranslation({ now: () => 0 });

function translate([client, provider]: readonly [Protocol, Protocol], body: JsonObject) {
  const result = findTranslation(client, provider)?.request(body, { maxOutputTokens: undefined });
  if (result === undefined) throw new Error(`There is no way from ${client} to ${provider}.`);
  return result.kind === 'translated' ? JSON.stringify(result.body) : result.reason;
}

const nestedText = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
const nested = (depth: number) => JSON.parse(nestedText(depth));
const many = <T>(value: T): T[] => Array(200_000).fill(value);
const text = { type: 'text', text: 'a' };
const inputText = { type: 'input_text', text: 'a' };
const hello = { role: 'user', content: 'Hello' };

const toMessages = ['chat', 'messages'] as const;
const toChat = ['messages', 'chat'] as const;
const ways = [toMessages, toChat, ['responses', 'chat'], ['responses', 'messages']] as const;

describe('a request that nests very deeply', () => {
  it.each(ways)('can not be put from %s to %s', (...way) => {
    for (const depth of [1_000, 100_000]) {
      const body = { messages: [hello], input: 'Hello', metadata: nested(depth) };
      expect(translate(way, body)).toBe('the body nests too deeply');
    }
  });

  it('can not be put where it nests in the arguments of a call', () => {
    const call = { id: 'a', function: { name: 'f', arguments: nestedText(100_000) } };
    const body = { messages: [hello, { role: 'assistant', tool_calls: [call] }, hello] };
    expect(translate(toMessages, body)).toBe('the arguments of a tool call nest too deeply');
  });

  it.each(ways)('can be put from %s to %s as long as anyone could mean it', (...way) => {
    const tool = {
      name: 'f',
      type: way[0] === 'messages' ? 'custom' : 'function',
      ...(way[0] === 'responses' && { parameters: nested(200) }),
      ...(way[0] === 'messages' && { input_schema: nested(200) }),
      ...(way[0] === 'chat' && { function: { name: 'f', parameters: nested(200) } }),
    };
    const { name: _name, ...chatTool } = tool;
    const tools = [way[0] === 'chat' ? chatTool : tool];
    const asked = way[0] === 'responses' ? { input: 'Hello' } : { messages: [hello] };
    expect(translate(way, { ...asked, tools })).toContain(nestedText(199));
  });
});

describe('a request of very many parts', () => {
  it.each<[string, readonly [Protocol, Protocol], JsonObject]>([
    ['turns of one role', toMessages, { messages: many(hello) }],
    ['parts of one message', toMessages, { messages: [{ role: 'user', content: many(text) }] }],
    [
      'parts of messages that become one',
      toMessages,
      { messages: [hello, { role: 'user', content: many(text) }] },
    ],
    [
      'parts of the system prompt',
      toMessages,
      { messages: [{ role: 'system', content: many(text) }, hello] },
    ],
    ['blocks of one message', toChat, { messages: [{ role: 'user', content: many(text) }] }],
    [
      'blocks of a result',
      toChat,
      {
        messages: [
          {
            role: 'user',
            content: [{ type: 'tool_result', tool_use_id: 'a', content: many(text) }],
          },
        ],
      },
    ],
    [
      'parts of what was said after a call',
      ['responses', 'messages'],
      {
        input: [
          { type: 'function_call', call_id: 'a', name: 'f', arguments: '{}' },
          { role: 'assistant', content: many({ type: 'output_text', text: 'a' }) },
          { type: 'function_call_output', call_id: 'a', output: many(inputText) },
        ],
      },
    ],
    [
      'fields without a value',
      ['responses', 'chat'],
      { input: 'Hello', ...Object.fromEntries(many(0).map((_, index) => [`x${index}`, null])) },
    ],
  ])('is translated whole: %s', (_what, way, body) => {
    expect(translate(way, body)).toMatch(/^\{"(messages|system)":/);
  });
});
