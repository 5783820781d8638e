import { describe, expect, it } from 'vitest';
import { classFigures, confusionPairs } from '../../src/evaluation/class-figures.ts';

const outcomes = [
  ['math', 'math'],
  ['math', 'math'],
  ['math', 'coding'],
  ['math', 'coding'],
  ['coding', 'coding'],
  ['coding', 'math'],
  ['chat', 'coding'],
  ['chat', 'unknown'],
].map(([trueClass = '', predicted = '']) => ({ trueClass, predicted }));

describe('classFigures', () => {
  it('counts precision, recall and F1 of every class that is true or predicted', () => {
    expect(classFigures(outcomes)).toEqual([
      { className: 'chat', precision: null, recall: 0, f1: 0, support: 2 },
      { className: 'coding', precision: 1 / 4, recall: 1 / 2, f1: 2 / 6, support: 2 },
      { className: 'math', precision: 2 / 3, recall: 2 / 4, f1: 4 / 7, support: 4 },
      { className: 'unknown', precision: 0, recall: null, f1: 0, support: 0 },
    ]);
  });

  it('has nothing to say about nothing', () => {
    expect(classFigures([])).toEqual([]);
  });
});

describe('confusionPairs', () => {
  it('counts the mistakes, the most frequent first and equals by name', () => {
    expect(confusionPairs(outcomes)).toEqual([
      { trueClass: 'math', predicted: 'coding', count: 2 },
      { trueClass: 'chat', predicted: 'coding', count: 1 },
      { trueClass: 'chat', predicted: 'unknown', count: 1 },
      { trueClass: 'coding', predicted: 'math', count: 1 },
    ]);
  });
});
