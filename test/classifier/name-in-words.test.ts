import { describe, expect, it } from 'vitest';
import { nameInWords } from '../../src/classifier/name-in-words.ts';

describe('the name of a class in words', () => {
  it.each([
    ['card_arrival', 'card arrival'],
    ['business-writing', 'business writing'],
    ['cardArrival', 'card arrival'],
    ['getPINCode2', 'get pin code'],
    ['Refund_not_showing_up', 'refund not showing up'],
    ['règlement.été', 'règlement été'],
    ['translation', 'translation'],
    ['翻訳する', '翻訳する'],
  ])('%s is "%s"', (className, words) => {
    expect(nameInWords(className)).toBe(words);
  });

  it.each(['', '17', 'c17', 'A-1', '__'])('%j is a mere label', (label) => {
    expect(nameInWords(label)).toBeUndefined();
  });
});
