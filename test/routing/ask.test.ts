import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ChatMessage, estimateTokens, extractAsk } from '../../src/routing/ask.ts';

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

describe('estimating tokens', () => {
  const message = fc
    .string({ unit: 'grapheme', maxLength: 60 })
    .map((content): ChatMessage => user(content));

  it('finds a quarter of the characters of English, and a few more for every message', () => {
    expect(estimateTokens([])).toBe(0);
    expect(estimateTokens([user('')])).toBe(4);
    expect(estimateTokens([user('x'.repeat(400))])).toBe(104);
    expect(estimateTokens([user('x'.repeat(400)), user('x'.repeat(400))])).toBe(208);
  });

  it('finds more in Chinese, Japanese or Korean than in English of the same length', () => {
    const english = estimateTokens([user('how are you')]);
    for (const text of [
      '今天的天气怎么样呢朋友',
      '今日の天気はどうですかね',
      '오늘 날씨가 정말 좋네',
    ]) {
      expect(estimateTokens([user(text.slice(0, 11))])).toBeGreaterThan(english);
    }
    expect(estimateTokens([user('天'.repeat(400))])).toBe(404);
  });

  it('never falls when a text or the conversation grows', () => {
    fc.assert(
      fc.property(
        fc.array(message),
        message,
        fc.string({ unit: 'grapheme' }),
        (before, last, more) => {
          const tokens = estimateTokens([...before, last]);
          expect(tokens).toBeGreaterThan(estimateTokens(before));
          const longer = user(`${last.content}${more}`);
          expect(estimateTokens([...before, longer])).toBeGreaterThanOrEqual(tokens);
        },
      ),
    );
  });

  it('reads texts in parts, whoever sent them', () => {
    const text = 'x'.repeat(400);
    const messages = [{ role: 'system', content: [{ type: 'text', text }] }, user(null)];
    expect(estimateTokens(messages)).toBe(108);
  });
});
