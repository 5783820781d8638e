import { describe, expect, it } from 'vitest';
import { toAskedText } from '../../src/classifier/asked-text.ts';

describe('the asked text', () => {
  it.each([
    ['Hi there! write a poem', 'write a poem'],
    ['Hello, good evening! Could you please write a poem', 'write a poem'],
    ['please sort this list', 'sort this list'],
    ['Could you please help me with this: sort this list', 'sort this list'],
    ['sort this list, thank you so much!', 'sort this list'],
    ['sort this list\n\nThanks in advance.', 'sort this list'],
    ['"sort this list"', 'sort this list'],
    ['“sort this list”', 'sort this list'],
    ['  Hey, "please sort this list" thx ', 'sort this list'],
  ])('is free of what changes nothing: %j', (text, asked) => {
    expect(toAskedText(text)).toBe(asked);
  });

  it.each([
    'hi there!',
    'thanks a lot!',
    'Can you feel emotions?',
    'high five ideas',
    '"first" and "second"',
    'hello world in C++',
    'translate "please" into French',
  ])('keeps what says something: %j', (text) => {
    expect(toAskedText(text)).toBe(text);
  });

  it('of a very long text is its two ends, found without reading the rest', () => {
    const asked = toAskedText(
      `Hi! Summarise this: ${' '.repeat(20_000_000)}x${','.repeat(20_000)}`,
    );
    expect(asked.startsWith('Summarise this:')).toBe(true);
    expect(asked.length).toBeLessThan(2_100);
  });
});
