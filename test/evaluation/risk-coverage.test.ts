import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { riskCoverageOf } from '../../src/evaluation/risk-coverage.ts';

function judge(...rows: [confidence: number, isRight: boolean][]) {
  return rows.map(([confidence, isRight]) => ({ confidence, isRight }));
}

// Few distinct values, so that ties are common.
const judgements = fc.array(
  fc.record({
    confidence: fc.integer({ min: 0, max: 8 }).map((eighths) => eighths / 8),
    isRight: fc.boolean(),
  }),
  { minLength: 1, maxLength: 40 },
);

describe('riskCoverageOf', () => {
  it('answers the most confident lines first', () => {
    const { aurc, riskCoverage } = riskCoverageOf(
      judge([0.4, false], [0.9, true], [0.6, true], [0.8, false]),
    );
    expect(riskCoverage).toEqual([
      { coverage: 1 / 4, risk: 0, confidence: 0.9 },
      { coverage: 2 / 4, risk: 1 / 2, confidence: 0.8 },
      { coverage: 3 / 4, risk: 1 / 3, confidence: 0.6 },
      { coverage: 1, risk: 1 / 2, confidence: 0.4 },
    ]);
    expect(aurc).toBeCloseTo((0 + 1 / 2 + 1 / 3 + 1 / 2) / 4, 12);
  });

  it('answers equal confidences together, in whatever order they come', () => {
    const lines = judge([0.9, true], [0.7, false], [0.7, true], [0.7, true], [0.2, false]);
    const { aurc, riskCoverage } = riskCoverageOf(lines);
    expect(riskCoverage).toEqual([
      { coverage: 1 / 5, risk: 0, confidence: 0.9 },
      { coverage: 4 / 5, risk: 1 / 4, confidence: 0.7 },
      { coverage: 1, risk: 2 / 5, confidence: 0.2 },
    ]);
    // Each of the three tied lines counts with the risk of answering all of them.
    expect(aurc).toBeCloseTo((0 + 3 / 4 + 2 / 5) / 5, 12);
    expect(riskCoverageOf(lines.toReversed())).toEqual({ aurc, riskCoverage });
  });

  it('is 0 all the way when everything is right and 1 when everything is wrong', () => {
    for (const [isRight, risk] of [
      [true, 0],
      [false, 1],
    ] as const) {
      const { aurc, riskCoverage } = riskCoverageOf(judge([0.9, isRight], [0.5, isRight]));
      expect(aurc).toBe(risk);
      expect(riskCoverage.map((point) => point.risk)).toEqual([risk, risk]);
    }
  });

  it('is empty and null without judgements', () => {
    expect(riskCoverageOf([])).toEqual({ aurc: null, riskCoverage: [] });
  });

  it('keeps a hundred points with the first and the last, and the area of all', () => {
    const lines = Array.from({ length: 1001 }, (_, index) => ({
      confidence: 1 - index / 1001,
      isRight: index % 2 === 0,
    }));
    const { aurc, riskCoverage } = riskCoverageOf(lines);
    expect(riskCoverage).toHaveLength(100);
    expect(riskCoverage[0]).toEqual({ coverage: 1 / 1001, risk: 0, confidence: 1 });
    expect(riskCoverage.at(-1)).toMatchObject({ coverage: 1, risk: 500 / 1001 });
    const risks = lines.map((_, index) => Math.floor((index + 1) / 2) / (index + 1));
    expect(aurc).toBeCloseTo(risks.reduce((sum, risk) => sum + risk, 0) / 1001, 12);
  });

  it('rises in coverage to all lines, with an area between 0 and 1', () => {
    fc.assert(
      fc.property(judgements, (lines) => {
        const { aurc, riskCoverage } = riskCoverageOf(lines);
        expect(aurc).toBeGreaterThanOrEqual(0);
        expect(aurc).toBeLessThanOrEqual(1);
        let before = { coverage: 0, confidence: Number.POSITIVE_INFINITY };
        for (const point of riskCoverage) {
          expect(point.coverage).toBeGreaterThan(before.coverage);
          expect(point.confidence).toBeLessThan(before.confidence);
          before = point;
        }
        const wrong = lines.filter(({ isRight }) => !isRight).length;
        expect(riskCoverage.at(-1)).toMatchObject({ coverage: 1, risk: wrong / lines.length });
      }),
    );
  });

  it('leaves its input as it is', () => {
    const lines = judge([0.1, true], [0.9, true]);
    riskCoverageOf(lines);
    expect(lines.map(({ confidence }) => confidence)).toEqual([0.1, 0.9]);
  });
});
