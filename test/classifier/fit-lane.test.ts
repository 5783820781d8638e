import { describe, expect, it } from 'vitest';
import { createFitLane } from '../../src/classifier/fit-lane.ts';
import type { LinearHead } from '../../src/classifier/linear-head.ts';
import { wordHead } from './word-head.ts';

const request = { inputs: [], settings: { scales: { dense: 1, sparse: 1 }, epochs: 1, seed: 1 } };
const head = wordHead({}, { classNames: ['a', 'b'] });

function createParts() {
  const ends: { resolve: (head: LinearHead) => void; reject: (error: Error) => void }[] = [];
  const startFit = createFitLane(() => {
    const fitted = new Promise<LinearHead>((resolve, reject) => {
      ends.push({ resolve, reject });
    });
    return { head: fitted, cancel: async () => ends.at(-1)?.reject(new Error('ended')) };
  });
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  return { startFit, ends, turn };
}

describe('a lane of fits', () => {
  it('starts one after the other', async () => {
    const { startFit, ends, turn } = createParts();
    const first = startFit(request);
    const second = startFit(request);
    await turn();
    expect(ends).toHaveLength(1);
    ends[0]?.resolve(head);
    expect(await first.head).toBe(head);
    await turn();
    expect(ends).toHaveLength(2);
    ends[1]?.resolve(head);
    expect(await second.head).toBe(head);
  });

  it('goes on after one that failed', async () => {
    const { startFit, ends, turn } = createParts();
    const first = startFit(request);
    startFit(request);
    await turn();
    ends[0]?.reject(new Error('bad inputs'));
    await expect(first.head).rejects.toThrow('bad inputs');
    await turn();
    expect(ends).toHaveLength(2);
  });

  it('lets go of one that still waits at once, and never starts it', async () => {
    const { startFit, ends, turn } = createParts();
    const first = startFit(request);
    const second = startFit(request);
    await turn();
    await second.cancel();
    await expect(second.head).rejects.toThrow('cancelled');
    ends[0]?.resolve(head);
    await first.head;
    await turn();
    expect(ends).toHaveLength(1);
  });
});
