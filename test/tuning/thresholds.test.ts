import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  chooseOutOfScope,
  chooseThresholds,
  type HeldOutDecision,
} from '../../src/tuning/thresholds.ts';

function decisions(className: string, rights: readonly boolean[]): HeldOutDecision[] {
  return rights.map((isRight, index) => ({
    className,
    isRight,
    confidence: 1 - index / 100,
    similarity: 0.8,
  }));
}

const many = (count: number, isRight: boolean) => new Array<boolean>(count).fill(isRight);

describe('a threshold', () => {
  it('is the lowest confidence from which on the class is right often enough', () => {
    const coding = decisions('coding', [...many(30, true), ...many(10, false)]);
    // 30 of 33 are more than nine in ten, 30 of 34 are not.
    expect(chooseThresholds(coding, ['coding'], 0.9)).toEqual({ coding: 0.68 });
  });

  it('is zero for a class that is right often enough without one', () => {
    expect(chooseThresholds(decisions('math', many(40, true)), ['math'], 0.9)).toEqual({ math: 0 });
  });

  it('is the target itself for a class that never gets there', () => {
    expect(chooseThresholds(decisions('chat', many(30, false)), ['chat'], 0.9)).toEqual({
      chat: 0.9,
    });
  });

  it('is that of all classes together for a class that was hardly ever chosen', () => {
    const all = [...decisions('math', many(30, true)), ...decisions('rare', [false, true])];
    const { math, rare } = chooseThresholds(all, ['math', 'rare'], 0.9);
    expect(math).toBe(0);
    expect(rare).toBe(chooseThresholds(all, ['nobody'], 0.9)['nobody']);
  });

  it('keeps its promise on the decisions that it was chosen by, unless they can not keep it', () => {
    const decision = fc.record({
      className: fc.constantFrom('a', 'b'),
      confidence: fc.integer({ min: 0, max: 100 }).map((percent) => percent / 100),
      isRight: fc.boolean(),
      similarity: fc.constant(1),
    });
    fc.assert(
      fc.property(fc.array(decision, { minLength: 60, maxLength: 120 }), (all) => {
        const thresholds = chooseThresholds(all, ['a', 'b'], 0.6);
        for (const name of ['a', 'b']) {
          const own = all.filter(({ className }) => className === name);
          const served = own.filter(({ confidence }) => confidence >= (thresholds[name] ?? 0));
          if (own.length < 20 || served.length === 0 || thresholds[name] === 0.6) continue;
          const right = served.filter(({ isRight }) => isRight).length;
          expect(right / served.length).toBeGreaterThanOrEqual(0.6);
        }
      }),
    );
  });
});

describe('the score below which an ask is unlike every example', () => {
  it('leaves out the given share of prompts that are like them', () => {
    const all = decisions('math', many(100, true));
    const below = chooseOutOfScope(all, 0.05);
    const lost = all.filter(({ confidence, similarity }) => confidence * similarity < below);
    expect(lost).toHaveLength(5);
    expect(chooseOutOfScope([], 0.05)).toBe(0);
  });
});
