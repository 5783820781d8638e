import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { trainHead } from '../src/classifier/train-head.ts';
import { spawnWorker } from '../src/spawn-worker.ts';
import { settings, toyInputs } from './classifier/toy-inputs.ts';

// The other tests' threads run the compiled program.
describe('a thread started from the source', () => {
  it('reads TypeScript, its own imports included', async () => {
    const inputs = toyInputs({ coding: 20, math: 20 });
    const entry = new URL('../src/classifier/fit-worker.ts', import.meta.url);
    const [head] = await once(spawnWorker(entry, { inputs, settings }), 'message');
    expect(head).toEqual(trainHead(inputs, settings));
  });
});
