import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { predict } from '../../src/classifier/linear-head.ts';
import { trainHead } from '../../src/classifier/train-head.ts';
import { rank } from '../../src/routing/classify.ts';
import { createClassifier } from '../../src/routing/posterior.ts';
import type { Evidence } from '../../src/tuning/gather-evidence.ts';
import { chooseMixture, chooseTemperature, mix } from '../../src/tuning/mixture.ts';
import { toyInputs } from '../classifier/toy-inputs.ts';

const parts = { neighbours: 10, sharpness: 10, voteShare: 0.3 };

function evidence(label: number, head: number[], voters: [number, number][] = []): Evidence {
  return {
    label,
    head: Float64Array.from(head),
    voters: voters.map(([voter, similarity]) => ({ label: voter, similarity })),
  };
}

describe('a mixture of vote and head', () => {
  it('is the posterior that serves requests', () => {
    const classNames = ['coding', 'math'];
    const inputs = toyInputs({ coding: 8, math: 8 });
    const settings = { scales: { dense: 2, sparse: 3 }, epochs: 5, seed: 1 };
    const head = trainHead(inputs, settings);
    const [input] = inputs;
    if (input === undefined) throw new Error('There are toy inputs.');
    const voters: [number, number][] = [
      [1, 0.9],
      [0, 0.7],
    ];
    const mixture = { ...parts, temperature: 0.6 };
    const classifier = createClassifier({ classNames, ...mixture }, () => head);
    const served = classifier.classify(
      classifier.read(input),
      voters.map(([label, similarity]) => ({ className: classNames[label] ?? '', similarity })),
    );
    const probabilities = predict(head, input);
    const tuned = mix(
      evidence(
        0,
        classNames.map((name) => probabilities.get(name) ?? 0),
        voters,
      ),
      mixture,
    );
    const weights = classNames.map((className, label) => ({
      className,
      weight: tuned[label] ?? 0,
    }));
    for (const [position, { className, probability }] of rank(weights).entries()) {
      expect(served[position]?.className).toBe(className);
      expect(served[position]?.probability).toBeCloseTo(probability, 9);
    }
  });

  it('sums to 1', () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(share, fc.array(fc.tuple(fc.nat(2), share), { maxLength: 5 }), (first, votes) => {
        const posterior = mix(evidence(0, [first, 1 - first, 0], votes), {
          ...parts,
          temperature: 0.5,
        });
        expect(posterior.reduce((sum, each) => sum + each, 0)).toBeCloseTo(1, 9);
      }),
    );
  });

  it('hears the vote no more where the vote only misleads', () => {
    const misled = Array.from({ length: 50 }, () => evidence(0, [0.8, 0.2], [[1, 0.9]]));
    expect(chooseMixture(misled).mixture.voteShare).toBe(0);
  });

  it('hears the vote where the head knows nothing', () => {
    const blind = Array.from({ length: 50 }, (_, index) =>
      evidence(index % 2, [0.5, 0.5], [[index % 2, 0.9]]),
    );
    expect(chooseMixture(blind).mixture.voteShare).toBeGreaterThan(0.3);
  });
});

describe('the temperature', () => {
  it('makes a classifier that is surer than it is right less sure, and the other way round', () => {
    const half = (head: number[]) => [
      ...Array.from({ length: 60 }, () => evidence(0, head)),
      ...Array.from({ length: 40 }, () => evidence(1, head)),
    ];
    const headOnly = { ...parts, voteShare: 0 };
    expect(chooseTemperature(half([0.7, 0.3]), headOnly).mixture.temperature).toBeGreaterThan(1);
    const right = Array.from({ length: 100 }, () => evidence(0, [0.7, 0.3]));
    expect(chooseTemperature(right, headOnly).mixture.temperature).toBeLessThan(0.5);
  });
});
