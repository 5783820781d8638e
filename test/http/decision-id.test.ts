import { describe, expect, it } from 'vitest';
import { drawDecisionId } from '../../src/http/decision-id.ts';

const atMs = Date.UTC(2026, 0, 2, 3, 4, 5, 6) + 0.75;

describe('the id of a decision', () => {
  it('is a UUID of version 7 that says when', () => {
    const [, time = '', rest] =
      /^dec_([0-9a-f]{8}-[0-9a-f]{4})-(7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12})$/.exec(
        drawDecisionId(atMs),
      ) ?? [];
    expect(rest).toBeDefined();
    expect(Number.parseInt(time.replace('-', ''), 16)).toBe(Math.floor(atMs));
  });

  it('is another for each, also of one moment', () => {
    const ids = Array.from({ length: 1_000 }, () => drawDecisionId(atMs));
    expect(new Set(ids).size).toBe(1_000);
  });

  it('sorts by time', () => {
    const ids = [0, 1, 255, 256, 1e6, 1e10].map((later) => drawDecisionId(atMs + later));
    expect(ids.toSorted()).toEqual(ids);
  });
});
