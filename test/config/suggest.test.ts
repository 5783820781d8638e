import { describe, expect, it } from 'vitest';
import { didYouMean, suggest } from '../../src/config/suggest.ts';

const known = ['coding', 'creative-writing', 'chat'];

describe('guessing what was meant', () => {
  it.each([
    ['codin', 'coding'],
    ['CODING', 'coding'],
    ['creative_writing', 'creative-writing'],
    ['hcat', 'chat'],
    ['taxi', undefined],
    ['translation', undefined],
    ['', undefined],
  ])('%s: %s', (word, meant) => {
    expect(suggest(word, known)).toBe(meant);
  });

  it('prefers the nearest', () => {
    expect(suggest('models', ['nodes', 'model', 'modules'])).toBe('model');
  });

  it('adds nothing to a message when there is nothing to suggest', () => {
    expect(`unknown${didYouMean('codin', known)}`).toBe('unknown (did you mean "coding"?)');
    expect(`unknown${didYouMean('x', [])}`).toBe('unknown');
  });
});
