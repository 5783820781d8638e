import { describe, expect, it } from 'vitest';
import { type ChatMessage, extractAsk } from '../../src/routing/ask.ts';

const user = (content: ChatMessage['content']): ChatMessage => ({ role: 'user', content });

describe('what the person wants', () => {
  it('is the last thing that they said', () => {
    expect(
      extractAsk([
        { role: 'system', content: 'Be brief.' },
        user('first'),
        { role: 'assistant', content: 'reply' },
        user(' second\n'),
        { role: 'assistant', content: 'calling', tool_calls: [] } as ChatMessage,
        { role: 'tool', content: 'tool output' },
      ]),
    ).toBe('second');
  });

  it('is the text of a message in parts, whatever else is in it', () => {
    const parts = [
      { type: 'text', text: 'What is' },
      { type: 'image_url', image_url: { url: 'data:' } },
      { type: 'text', text: 'in this picture?' },
      { type: 'refusal', text: 'not this' },
      { type: 'text' },
    ];
    expect(extractAsk([user(parts)])).toBe('What is\nin this picture?');
  });

  it.each<[string, ChatMessage[]]>([
    ['no messages', []],
    ['no human message', [{ role: 'system', content: 'Be brief.' }]],
    ['an empty text', [user('  \t ')]],
    ['no content', [user(null)]],
    ['content left out', [{ role: 'user' }]],
    ['no parts', [user([])]],
    ['an image only', [user([{ type: 'image_url' }])]],
    ['an image after a text of before', [user('Draw'), user([{ type: 'image_url' }])]],
  ])('is unknown from %s', (_case, messages) => {
    expect(extractAsk(messages)).toBeUndefined();
  });
});
