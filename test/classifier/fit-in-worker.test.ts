import { describe, expect, it } from 'vitest';
import { fitInWorker } from '../../src/classifier/fit-in-worker.ts';
import { trainHead } from '../../src/classifier/train-head.ts';
import { settings, toyInputs } from './toy-inputs.ts';

const inputs = toyInputs({ coding: 20, math: 20 });

describe('a fit in a thread', () => {
  it('gives the head that a fit in this thread gives', async () => {
    const fit = fitInWorker({ inputs, settings });
    expect(await fit.head).toEqual(trainHead(inputs, settings));
    await fit.cancel();
  });

  it('rejects when it is cancelled', async () => {
    const fit = fitInWorker({ inputs, settings });
    const rejection = expect(fit.head).rejects.toThrow('The fit ended without a result.');
    await fit.cancel();
    await rejection;
  });

  it('rejects with the reason when the inputs are no good', async () => {
    const noVectors = inputs.map((input) => ({ ...input, vectors: [] }));
    await expect(fitInWorker({ inputs: noVectors, settings }).head).rejects.toThrow(
      'A text needs a vector.',
    );
  });
});
