import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { measure } from '../../src/evaluation/metrics.ts';
import { makePrediction } from './make-prediction.ts';

describe('measure', () => {
  it('judges the predicted class before abstention and the serving class after it', () => {
    const metrics = measure([
      makePrediction({ trueClass: 'a' }),
      makePrediction({ trueClass: 'a', predicted: 'b' }),
      // Right, but abstained: the default class serves and is wrong.
      makePrediction({ trueClass: 'b', abstained: true, servedClass: 'chat' }),
      // Wrong, but abstained, and the default class happens to be right.
      makePrediction({ trueClass: 'chat', predicted: 'b', abstained: true, servedClass: 'chat' }),
      makePrediction({ trueClass: 'b', predicted: 'c' }),
    ]);
    expect(metrics.accuracy).toBe(2 / 5);
    expect(metrics.servedAccuracy).toBe(2 / 5);
    expect(metrics.coverage).toBe(3 / 5);
    expect(metrics.selectiveAccuracy).toBe(1 / 3);
    expect(metrics.abstentionRate).toBe(2 / 5);
  });

  it('leaves out-of-scope lines out of everything but the out-of-scope figures', () => {
    const inScope = [
      makePrediction({ inScopeScore: 0.9 }),
      makePrediction({ inScopeScore: 0.5, predicted: 'b', confidence: 0.5 }),
    ];
    const outOfScope = [
      makePrediction({ isOutOfScope: true, trueClass: 'oos', predicted: 'a', inScopeScore: 0.6 }),
      makePrediction({
        isOutOfScope: true,
        trueClass: 'oos',
        predicted: 'b',
        inScopeScore: 0.1,
        abstained: true,
        latencyMs: 9,
      }),
    ];
    const all = measure([...inScope, ...outOfScope]);
    expect(all).toEqual({
      ...measure(inScope),
      n: 4,
      nOutOfScope: 2,
      oosAuroc: 3 / 4,
      oosRecall: 1 / 2,
      abstentionRate: 1 / 4,
      latencyMs: { p50: 1, p90: 9, p99: 9 },
    });
  });

  it('counts every accepted class as right and files the line under it', () => {
    const accepted = new Set(['a', 'b']);
    const metrics = measure([
      makePrediction({ trueClass: 'a', accepted, predicted: 'b' }),
      makePrediction({ trueClass: 'a', accepted, predicted: 'c' }),
    ]);
    expect(metrics.accuracy).toBe(1 / 2);
    expect(metrics.classes.map(({ className, support }) => [className, support])).toEqual([
      ['a', 1],
      ['b', 1],
      ['c', 0],
    ]);
    expect(metrics.confusion).toEqual([{ trueClass: 'a', predicted: 'c', count: 1 }]);
    expect(metrics.macroF1).toBeCloseTo(1 / 3, 12);
  });

  it('takes percentiles by nearest rank', () => {
    const latencies = Array.from({ length: 200 }, (_, index) => 200 - index);
    const { latencyMs } = measure(latencies.map((value) => makePrediction({ latencyMs: value })));
    expect(latencyMs).toEqual({ p50: 100, p90: 180, p99: 198 });
  });

  it('has null for every figure that no line can tell', () => {
    const empty = measure([]);
    expect(empty).toMatchObject({
      accuracy: null,
      servedAccuracy: null,
      coverage: null,
      selectiveAccuracy: null,
      macroF1: null,
      ece: null,
      aurc: null,
      riskCoverage: [],
      oosAuroc: null,
      oosRecall: null,
      abstentionRate: null,
      latencyMs: { p50: null, p90: null, p99: null },
      n: 0,
    });
    expect(JSON.parse(JSON.stringify(empty))).toEqual(empty);

    const onlyOutOfScope = measure([makePrediction({ isOutOfScope: true, abstained: true })]);
    expect(onlyOutOfScope).toMatchObject({ accuracy: null, oosAuroc: null, oosRecall: 1 });
    const allAbstained = measure([makePrediction({ abstained: true })]);
    expect(allAbstained).toMatchObject({ accuracy: 1, coverage: 0, selectiveAccuracy: null });
  });

  it('refuses scores and latencies that are not numbers', () => {
    expect(() => measure([makePrediction({ inScopeScore: Number.NaN })])).toThrow(RangeError);
    expect(() => measure([makePrediction({ latencyMs: Number.NaN })])).toThrow(RangeError);
  });

  const names = fc.constantFrom('a', 'b', 'c', '__proto__');
  const predictions = fc.array(
    fc
      .record({
        trueClass: names,
        predicted: names,
        isOutOfScope: fc.boolean(),
        abstained: fc.boolean(),
        confidence: fc.double({ min: 0, max: 1, noNaN: true }),
        inScopeScore: fc.integer({ min: 0, max: 9 }),
        latencyMs: fc.integer({ min: 0, max: 99 }),
      })
      .map(makePrediction),
    { maxLength: 40 },
  );

  it('does not depend on the order of the lines', () => {
    fc.assert(
      fc.property(
        predictions.chain((list) =>
          fc.tuple(
            fc.constant(list),
            fc.shuffledSubarray(list, { minLength: list.length, maxLength: list.length }),
          ),
        ),
        ([list, shuffled]) => {
          const { ece, reliability, ...exact } = measure(list);
          const { ece: otherEce, reliability: _, ...other } = measure(shuffled);
          expect(other).toEqual(exact);
          expect(otherEce ?? -1).toBeCloseTo(ece ?? -1, 12);
        },
      ),
    );
  });

  it('agrees with itself: supports, mistakes and accuracy add up', () => {
    fc.assert(
      fc.property(predictions, (list) => {
        const { accuracy, classes, confusion, n, nOutOfScope } = measure(list);
        const inScope = n - nOutOfScope;
        const mistakes = confusion.reduce((sum, { count }) => sum + count, 0);
        expect(classes.reduce((sum, { support }) => sum + support, 0)).toBe(inScope);
        if (accuracy === null) {
          expect(inScope).toBe(0);
          return;
        }
        expect(mistakes / inScope).toBeCloseTo(1 - accuracy, 12);
        const hits = classes.reduce((sum, { recall, support }) => sum + (recall ?? 0) * support, 0);
        expect(hits / inScope).toBeCloseTo(accuracy, 12);
      }),
    );
  });
});
