import { describe, expect, it } from 'vitest';
import { createLocalState } from '../../src/state/shared-state.ts';
import { createFakeClock } from '../support/fake-clock.ts';

const open = (maxEntries = 10) => {
  const clock = createFakeClock();
  return { clock, state: createLocalState<{ n: number }>({ maxEntries, ttlMs: 1_000, clock }) };
};

describe('shared state within one process', () => {
  it('gives back what was put last', () => {
    const { state } = open();
    expect(state.peek('a')).toBeUndefined();
    state.put('a', { n: 1 });
    state.put('a', { n: 2 });
    expect(state.peek('a')).toEqual({ n: 2 });
  });

  it('forgets what is too old', () => {
    const { state, clock } = open();
    state.put('a', { n: 1 });
    clock.advance(1_000);
    expect(state.peek('a')).toEqual({ n: 1 });
    clock.advance(1);
    expect(state.peek('a')).toBeUndefined();
  });

  it('holds no more than it may, and drops what nobody has looked at for the longest time', () => {
    const { state } = open(2);
    state.put('a', { n: 1 });
    state.put('b', { n: 2 });
    state.peek('a');
    state.put('c', { n: 3 });
    expect(['a', 'b', 'c'].map((key) => state.peek(key)?.n)).toEqual([1, undefined, 3]);
  });

  it('leaves no timer behind', () => {
    const { state, clock } = open();
    state.put('a', { n: 1 });
    expect(clock.pending()).toBe(0);
  });
});
