import { describe, expect, it } from 'vitest';
import { createGathering } from '../../src/telemetry/gathering.ts';
import { createFakeClock } from '../support/fake-clock.ts';

function gather() {
  const clock = createFakeClock();
  const handled: number[] = [];
  const gathering = createGathering<number>((batch) => void handled.push(...batch), clock);
  return { clock, handled, gathering };
}

describe('what is gathered', () => {
  it('waits for a quarter of a second, and is then handled in order', () => {
    const { clock, handled, gathering } = gather();
    gathering.add(1);
    clock.advance(200);
    gathering.add(2);
    clock.advance(49);
    expect([handled, gathering.size]).toEqual([[], 2]);
    clock.advance(1);
    expect([handled, gathering.size]).toEqual([[1, 2], 0]);
  });

  it('is handled at once when there are many', () => {
    const { handled, gathering } = gather();
    for (let item = 1; item <= 40; item += 1) gathering.add(item);
    expect([handled.length, gathering.size]).toEqual([32, 8]);
  });

  it('is handled when somebody asks for it, and leaves no timer', () => {
    const { clock, handled, gathering } = gather();
    gathering.add(1);
    gathering.flush();
    expect(handled).toEqual([1]);
    expect(clock.pending()).toBe(0);
  });

  it('goes on after a batch that a timer handled', () => {
    const { clock, handled, gathering } = gather();
    gathering.add(1);
    clock.advance(250);
    gathering.add(2);
    clock.advance(250);
    expect(handled).toEqual([1, 2]);
  });
});
