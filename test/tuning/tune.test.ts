import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { gatherEvidence } from '../../src/tuning/gather-evidence.ts';
import { gatherInWorkers } from '../../src/tuning/gather-in-workers.ts';
import { type TuneOptions, tune } from '../../src/tuning/tune.ts';
import { readTuning, writeTuning } from '../../src/tuning/tuning.ts';
import { toyInputs } from '../classifier/toy-inputs.ts';
import { makeTempDirectory } from '../support/temp-directory.ts';

const options: TuneOptions = {
  encoderHash: 'encoder',
  exampleSetHash: 'examples',
  targetPrecision: 0.9,
  outOfScopeShare: 0.03,
  epochs: 4,
  seed: 1,
  onProgress: () => {},
  gather: async (requests, onDone) =>
    requests.map((request) => {
      onDone();
      return gatherEvidence(request);
    }),
};

function inputsOf(counts: Readonly<Record<string, number>>, noise = 0.5) {
  return toyInputs(counts, { noise }).map((input, position) => ({
    ...input,
    // Every text its own, as in a set of examples.
    text: `${input.text} n${position}`,
    vector: input.vectors[0] ?? new Float32Array(),
  }));
}

describe('tuning', () => {
  it('gives every class a threshold and says what can be expected', async () => {
    const tuning = await tune(inputsOf({ coding: 30, math: 30, poetry: 30 }), options);
    expect(Object.keys(tuning?.thresholds ?? {})).toEqual(['coding', 'math', 'poetry']);
    expect(tuning).toMatchObject({ encoderHash: 'encoder', examples: 90, targetPrecision: 0.9 });
    expect(tuning?.estimate.accuracy).toBeGreaterThan(0.9);
  });

  it('is the same for any order of the examples', async () => {
    const inputs = inputsOf({ coding: 12, math: 12 }, 1.5);
    expect(await tune(inputs.toReversed(), options)).toEqual(await tune(inputs, options));
  });

  it('is the same in threads', async () => {
    const inputs = inputsOf({ coding: 12, math: 12 });
    const inThreads = await tune(inputs, { ...options, gather: gatherInWorkers });
    expect(inThreads).toEqual(await tune(inputs, options));
  });

  it('is not flattered by an example that stands there many times', async () => {
    const hard = inputsOf({ coding: 20, math: 20 }, 4).map((input, position) => ({
      ...input,
      text: `nothing to go by ${position}`,
    }));
    const once = await tune(hard, options);
    const often = await tune([...hard, ...hard, ...hard], options);
    expect(once?.estimate.accuracy).toBeLessThan(0.95);
    expect((often?.estimate.accuracy ?? 0) - (once?.estimate.accuracy ?? 0)).toBeLessThan(0.1);
  });

  it('lets the names of the classes teach without being judged on them', async () => {
    const inputs = inputsOf({ coding: 12, math: 12 }, 2);
    const misleading = inputs.slice(0, 12).map((input) => ({ ...input, className: 'math' }));
    const tuning = await tune(inputs, { ...options, names: misleading });
    expect(tuning?.examples).toBe(24);
    const { estimate } = (await tune(inputs, options)) ?? {};
    expect(tuning?.estimate.logLoss).toBeGreaterThan(estimate?.logLoss ?? 0);
  });

  it('does not take place where there is nothing to hold out', async () => {
    expect(await tune(inputsOf({ coding: 200 }), options)).toBeUndefined();
    expect(await tune(inputsOf({ coding: 9, math: 9 }), options)).toBeUndefined();
    expect(await tune([], options)).toBeUndefined();
  });

  it('copes with classes of one example, and with classes that have none', async () => {
    const inputs = inputsOf({ coding: 30, math: 30, lonely: 1 });
    const tuning = await tune(inputs, { ...options, classNames: ['coding', 'empty', 'math'] });
    expect(Object.keys(tuning?.thresholds ?? {})).toEqual(['coding', 'empty', 'lonely', 'math']);
  });
});

describe('a stored tuning', () => {
  const target = { encoderHash: 'encoder', classNames: ['coding', 'math'] };
  const tuned = async () => {
    const tuning = await tune(inputsOf({ coding: 12, math: 12 }), options);
    if (tuning === undefined) throw new Error('There is enough to tune on.');
    return tuning;
  };

  it('is found again', async () => {
    const path = join(makeTempDirectory(), 'deep', 'tuning.json');
    const tuning = await tuned();
    writeTuning(path, tuning);
    expect(readTuning(path, target)).toEqual({ kind: 'tuning', tuning });
  });

  it('is refused, with the reason, for another encoder, other classes, or when it is damaged', async () => {
    const path = join(makeTempDirectory(), 'tuning.json');
    expect(readTuning(path, target)).toMatchObject({ reason: `${path} does not exist` });
    writeTuning(path, await tuned());
    expect(readTuning(path, { ...target, encoderHash: 'other' })).toMatchObject({
      reason: `${path} was made with another encoder`,
    });
    expect(readTuning(path, { ...target, classNames: ['coding'] })).toMatchObject({
      reason: `${path} was made for other classes`,
    });
    writeFileSync(path, '{"formatVersion": 1}');
    expect(readTuning(path, target)).toMatchObject({
      reason: `${path} is damaged or of another version`,
    });
  });
});
