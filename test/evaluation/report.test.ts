import { describe, expect, it } from 'vitest';
import { createReport, toJson, toText } from '../../src/evaluation/report.ts';
import { makePrediction } from './make-prediction.ts';

const right = makePrediction({ trueClass: 'math', confidence: 0.9, latencyMs: 1.25 });
const wrong = makePrediction({ trueClass: 'math', predicted: 'creative-writing', confidence: 0.4 });
const outOfScope = makePrediction({
  isOutOfScope: true,
  trueClass: 'oos',
  inScopeScore: 0,
  abstained: true,
});

const keys = [
  'accuracy',
  'servedAccuracy',
  'coverage',
  'selectiveAccuracy',
  'macroF1',
  'ece',
  'aurc',
  'oosAuroc',
  'oosRecall',
  'abstentionRate',
  'flipRate',
  'decidedFlipRate',
  'latencyMs',
  'n',
  'nOutOfScope',
  'runs',
  'classes',
  'confusion',
  'reliability',
  'riskCoverage',
  'flips',
  'turns',
  'firstTier',
];

describe('toJson', () => {
  it('has the same keys with and without lines', () => {
    for (const run of [[], [right, wrong, outOfScope]]) {
      const json: object = JSON.parse(JSON.stringify(toJson(createReport([run]))));
      expect(Object.keys(json)).toEqual(keys);
    }
  });

  it('names the figures of each class', () => {
    const json = toJson(createReport([[right, right, wrong, outOfScope]]));
    expect(json).toMatchObject({ accuracy: 2 / 3, n: 4, nOutOfScope: 1, runs: 1, oosAuroc: 1 });
    expect(json.classes).toEqual({
      'creative-writing': { precision: 0, recall: null, f1: 0, support: 0 },
      math: { precision: 1, recall: 2 / 3, f1: 0.8, support: 3 },
    });
    expect(json.confusion).toEqual([
      { trueClass: 'math', predicted: 'creative-writing', count: 1 },
    ]);
  });

  it('survives a class with an unfortunate name', () => {
    const json = JSON.stringify(
      toJson(createReport([[makePrediction({ trueClass: '__proto__' })]])),
    );
    expect(json).toContain('"classes":{"__proto__":{"precision":1');
  });

  it('averages figures that pooled lines would blur', () => {
    const overconfident = makePrediction({ predicted: 'b', confidence: 0.9 });
    const cautious = makePrediction({ confidence: 0.9 });
    // Gaps of .9 and .1; pooled, the two would meet at .4.
    expect(toJson(createReport([[overconfident], [cautious]])).ece).toBeCloseTo(0.5, 12);
  });

  it('gives means, deviations and the counts of all runs when repeated', () => {
    const json = toJson(
      createReport([
        [right, right, outOfScope],
        [right, wrong, outOfScope],
      ]),
    );
    expect(json).toMatchObject({ accuracy: 0.75, n: 3, nOutOfScope: 1, runs: 2 });
    expect(json.mean?.accuracy).toBe(0.75);
    expect(json.deviation?.accuracy).toBeCloseTo(Math.sqrt(0.125), 12);
    expect(json.deviation?.oosRecall).toBe(0);
    expect(json.classes['math']?.support).toBe(4);
  });
});

describe('toText', () => {
  it('aligns the figures, the classes and the confusions', () => {
    expect(
      toText(createReport([[right, right, wrong, outOfScope]])),
    ).toBe(`lines                           4
out of scope                    1
accuracy                   66.7 %
served accuracy            66.7 %
coverage                  100.0 %
selective accuracy         66.7 %
macro F1                   40.0 %
calibration error           0.200
area under risk–coverage    0.111
abstention rate            25.0 %
flip rate                       –
flip rate where decided         –
out-of-scope AUROC          1.000
out-of-scope recall       100.0 %
latency p50               1.00 ms
latency p90               1.25 ms
latency p99               1.25 ms

class             precision  recall      f1  support
creative-writing      0.0 %       –   0.0 %        0
math                100.0 %  66.7 %  80.0 %        3

confused (1 of 1 pairs)  count
math → creative-writing      1
`);
  });

  it('adds the deviations when repeated', () => {
    const text = toText(
      createReport([
        [right, right],
        [right, wrong],
      ]),
    );
    expect(text).toMatch(/^runs +2$/m);
    expect(text).toMatch(/^accuracy +75\.0 % +± 35\.4 %$/m);
    expect(text).toMatch(/^out-of-scope AUROC +– +± –$/m);
  });

  it('lists the fifteen most frequent confusions only', () => {
    const run = Array.from({ length: 18 }, (_, index) =>
      Array(18 - index).fill(makePrediction({ predicted: `other ${index}` })),
    ).flat();
    const text = toText(createReport([run]));
    expect(text).toContain('confused (15 of 18 pairs)');
    expect(text).toMatch(/^a → other 14 +4$/m);
    expect(text).not.toContain('a → other 15');
  });

  it('has no confusions to show when everything is right or nothing was judged', () => {
    expect(toText(createReport([[right]]))).not.toContain('confused');
    expect(toText(createReport([[]]))).toMatch(/^accuracy +–$/m);
  });
});
