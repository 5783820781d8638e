import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { goesOn } from '../../src/classifier/goes-on.ts';
import type { TrainingInput } from '../../src/index/embed-views.ts';
import { gatherEvidence } from '../../src/tuning/gather-evidence.ts';
import { gatherInWorkers } from '../../src/tuning/gather-in-workers.ts';
import { type TuneOptions, tune } from '../../src/tuning/tune.ts';
import { readTuning, writeTuning } from '../../src/tuning/tuning.ts';
import { toyInputs } from '../classifier/toy-inputs.ts';
import { toyStaticEncoder } from '../embedding/static/toy-static-encoder.ts';
import { makeTempDirectory } from '../support/temp-directory.ts';

const gatherInTurn: typeof gatherInWorkers = async (requests, onDone) =>
  requests.map((request) => {
    onDone();
    return gatherEvidence(request);
  });

const options: TuneOptions = {
  encoderHash: 'encoder',
  exampleSetHash: 'examples',
  targetPrecision: 0.9,
  outOfScopeShare: 0.03,
  epochs: 4,
  seed: 1,
  onProgress: () => {},
  gather: gatherInTurn,
};

function inputsOf(counts: Readonly<Record<string, number>>, noise = 0.5) {
  return toyInputs(counts, { noise }).map((input, position) => ({
    ...input,
    // Every text its own, as in a set of examples.
    text: `${input.text} n${position}`,
    vector: input.vectors[0] ?? new Float32Array(),
  }));
}

/** So many conversations of either class: an ask of its own, then two turns that only what came before tells apart. */
function conversationsOf(count: number): TrainingInput[] {
  const half = count / 2;
  const opening = inputsOf({ coding: half, math: half });
  // Alike, but no two the same: what is equal to one that is held is not learnt from.
  const following = inputsOf({ onward: 2 * count }, 0.2).map(({ vector }) => vector.toReversed());
  return opening.flatMap((input, position) => {
    const { className } = input;
    const conversation = `conversation ${position}`;
    const before = { context: input.vector, reply: 'done' };
    const turns = ['shorter', 'again'].map((text, turn) => {
      const vector = following[2 * position + turn] ?? new Float32Array();
      const vectors = [vector];
      return { text: `${text} n${position}`, className, vector, vectors, before, conversation };
    });
    return [{ ...input, conversation }, ...turns];
  });
}

describe('tuning', () => {
  it('gives every class a threshold and says what can be expected', async () => {
    const tuning = await tune(inputsOf({ coding: 30, math: 30, poetry: 30 }), options);
    expect(Object.keys(tuning?.thresholds ?? {})).toEqual(['coding', 'math', 'poetry']);
    expect(tuning).toMatchObject({ encoderHash: 'encoder', examples: 90, targetPrecision: 0.9 });
    expect(tuning?.estimate.accuracy).toBeGreaterThan(0.9);
  });

  it('tunes the first tier on the same prompts, as its own encoder reads them', async () => {
    const inputs = inputsOf({ coding: 30, math: 30 });
    const alone = await tune(inputs, options);
    expect(alone?.firstTier).toBeNull();
    const both = await tune(inputs, { ...options, staticEncoder: toyStaticEncoder() });
    expect({ ...both, firstTier: null }).toEqual(alone);
    expect(both?.firstTier).toMatchObject({
      encoderHash: 'toy',
      estimate: { share: expect.any(Number) },
    });
    const again = await tune(inputs.toReversed(), {
      ...options,
      staticEncoder: toyStaticEncoder(),
    });
    expect(again).toEqual(both);
  });

  it('is the same for any order of the examples', async () => {
    const inputs = inputsOf({ coding: 12, math: 12 }, 1.5);
    expect(await tune(inputs.toReversed(), options)).toEqual(await tune(inputs, options));
  });

  it('judges nearly the same prompts when a few examples go', async () => {
    const inputs = inputsOf({ coding: 2_400, math: 2_400 });
    const judged = async (some: typeof inputs): Promise<Set<string>> => {
      const texts = new Set<string>();
      const gather: typeof gatherInWorkers = async (requests) =>
        requests.map(({ inputs: all, held }) =>
          held.map((position) => {
            texts.add(all[position]?.text ?? '');
            return { label: 0, head: Float64Array.of(1, 0), voters: [] };
          }),
        );
      await tune(some, { ...options, gather });
      return texts;
    };
    const before = await judged(inputs);
    const after = await judged(inputs.filter((_, position) => position % 1_600 !== 7));
    expect(before.size).toBe(4_000);
    expect([...after].filter((text) => !before.has(text)).length).toBeLessThanOrEqual(3);
  });

  it('weighs a large set by what a fit on nearly all of it says of prompts it has not seen', async () => {
    const inputs = inputsOf({ coding: 4_001, math: 4_001 });
    const gather: typeof gatherInWorkers = async (requests) =>
      requests.map(({ inputs: some, held, tooSimilar }) => {
        const isWhole = some.length > 4_000;
        expect(Number.isFinite(tooSimilar)).toBe(isWhole);
        const right = Float64Array.of(0.6, 0.4);
        const wrong = Float64Array.of(0.4, 0.6);
        return held.map(() => ({
          label: 0,
          head: isWhole ? wrong : right,
          voters: [{ label: isWhole ? 0 : 1, similarity: 0.9 }],
        }));
      });
    const tuning = await tune(inputs, { ...options, gather });
    expect(tuning?.voteShare).toBeGreaterThan(0.3);
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

  it('lets lessons teach without being judged on them', async () => {
    const inputs = inputsOf({ coding: 12, math: 12 }, 2);
    const misleading = inputs.slice(0, 12).map((input) => ({ ...input, className: 'math' }));
    const tuning = await tune(inputs, { ...options, lessons: misleading });
    expect(tuning?.examples).toBe(24);
    const { estimate } = (await tune(inputs, options)) ?? {};
    expect(tuning?.estimate.logLoss).toBeGreaterThan(estimate?.logLoss ?? 0);
  });

  it('never judges a turn by others of its conversation', async () => {
    const inputs = conversationsOf(20);
    const splits: [held: Set<string>, learnt: Set<string>][] = [];
    const tuning = await tune(inputs, {
      ...options,
      gather(requests, onDone) {
        for (const { inputs: all, held } of requests) {
          const isHeld = new Set(held);
          const namesOf = (positions: number[]) =>
            new Set(positions.map((position) => all[position]?.conversation ?? ''));
          const positions = [...all.keys()];
          splits.push([
            namesOf(positions.filter((position) => isHeld.has(position))),
            namesOf(positions.filter((position) => !isHeld.has(position))),
          ]);
        }
        return gatherInTurn(requests, onDone);
      },
    });
    expect(tuning?.examples).toBe(60);
    expect(splits.length).toBeGreaterThanOrEqual(5);
    for (const [held, learnt] of splits) {
      expect(held.size).toBeGreaterThan(0);
      expect([...held].filter((name) => learnt.has(name))).toEqual([]);
    }
  });

  it('tunes a head that reads what came before', async () => {
    const inputs = conversationsOf(20);
    const blind = inputs.map(({ before: _before, ...input }) => input);
    const accuracyOf = async (each: typeof blind) =>
      (await tune(each, { ...options, epochs: 12 }))?.estimate.accuracy ?? 0;
    expect(await accuracyOf(inputs)).toBeGreaterThan((await accuracyOf(blind)) + 0.15);
  });

  it('is the same in threads for conversations', async () => {
    const inputs = conversationsOf(10);
    const inThreads = await tune(inputs, { ...options, gather: gatherInWorkers });
    expect(inThreads).toEqual(await tune(inputs, options));
  });

  it('gives the head’s share of what only goes on to the classes', async () => {
    const inputs = inputsOf({ coding: 12, math: 12 });
    const lessons = inputs.slice(0, 12).map((input) => ({ ...input, className: goesOn }));
    const tuning = await tune(inputs, { ...options, lessons });
    expect(Object.keys(tuning?.thresholds ?? {})).toEqual(['coding', 'math']);
    const [evidence = []] = await gatherInTurn(
      [
        {
          inputs,
          lessons,
          held: [0, 1, 12, 13],
          classNames: ['coding', 'math'],
          scales: { dense: 2, sparse: 3 },
          epochs: 4,
          seed: 1,
          neighbours: 5,
          tooSimilar: 1,
        },
      ],
      () => {},
    );
    for (const { head } of evidence) {
      expect(head.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 9);
    }
    expect(evidence).toHaveLength(4);
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
