import { describe, expect, it } from 'vitest';
import { measure } from '../../src/evaluation/metrics.ts';
import { summarizeRuns } from '../../src/evaluation/summarize-runs.ts';
import { makePrediction } from './make-prediction.ts';

const right = makePrediction();
const wrong = makePrediction({ predicted: 'b' });

describe('summarizeRuns', () => {
  it('gives the mean and the sample standard deviation of each figure', () => {
    const runs = [
      [right, right, right, right],
      [right, right, wrong, wrong],
      [right, right, right, wrong],
    ].map(measure);
    const { runs: count, mean, deviation } = summarizeRuns(runs);
    expect(count).toBe(3);
    expect(mean.accuracy).toBeCloseTo(0.75, 12);
    // Squares .0625 + .0625 + 0, over n - 1.
    expect(deviation.accuracy).toBeCloseTo(0.25, 12);
    expect(mean.coverage).toBe(1);
    expect(deviation.coverage).toBe(0);
  });

  it('leaves out the runs that have no such figure', () => {
    const abstained = makePrediction({ abstained: true });
    const { mean, deviation } = summarizeRuns([[right], [abstained]].map(measure));
    expect(mean.selectiveAccuracy).toBe(1);
    expect(deviation.selectiveAccuracy).toBeNull();
    expect(mean.oosAuroc).toBeNull();
  });

  it('has no deviation for a single run, and nothing for none', () => {
    expect(summarizeRuns([measure([right])]).deviation.accuracy).toBeNull();
    expect(summarizeRuns([]).mean.accuracy).toBeNull();
  });
});
