import { describe, expect, it } from 'vitest';
import { findGaps } from '../../src/examples/find-gaps.ts';

const of = (counts: Record<string, number>) =>
  Object.entries(counts).flatMap(([className, count]) =>
    Array.from({ length: count }, () => ({ className })),
  );

describe('what a set of examples lacks', () => {
  it('is nothing when every class has enough', () => {
    expect(findGaps(of({ a: 5, b: 90 }), ['a', 'b'])).toEqual([]);
  });

  it('names classes without examples and with too few', () => {
    expect(findGaps(of({ a: 9, b: 1, c: 4 }), ['a', 'b', 'c', 'd'])).toEqual([
      'The class "b" has 1 example: give it 5 or more.',
      'The class "c" has 4 examples: give it 5 or more.',
      'The class "d" has no examples: no prompt is ever like it.',
    ]);
  });

  it('says when there is only one class to choose, or none', () => {
    expect(findGaps(of({ a: 9 }), ['a', 'b'])[0]).toBe(
      'Only the class "a" has examples: there is nothing to tell apart.',
    );
    expect(findGaps([], ['a', 'b'])).toEqual([
      'No class has examples: every prompt goes to the default class.',
    ]);
  });
});
