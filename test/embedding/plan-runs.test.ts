import { describe, expect, it } from 'vitest';
import { isBatchInvariant, planSharedRuns, planSingleRuns } from '../../src/embedding/plan-runs.ts';
import type { SentenceEncoder, TokenisedText } from '../../src/embedding/sentence-encoder.ts';

function ofLength(length: number): TokenisedText {
  return { tokenIds: new Array<number>(length).fill(1), truncated: false };
}

function lengths(runs: TokenisedText[][]): number[][] {
  return runs.map((run) => run.map(({ tokenIds }) => tokenIds.length));
}

describe('runs that texts share', () => {
  it('join texts of about the same length, the shortest first', () => {
    const texts = [60, 12, 11, 240, 12, 62].map(ofLength);
    expect(lengths(planSharedRuns(texts))).toEqual([[11, 12, 12], [60, 62], [240]]);
  });

  it('end where padding costs more than another run', () => {
    expect(lengths(planSharedRuns([10, 20].map(ofLength)))).toEqual([[10, 20]]);
    expect(lengths(planSharedRuns([10, 21].map(ofLength)))).toEqual([[10], [21]]);
    expect(lengths(planSharedRuns([10, 10, 16].map(ofLength)))).toEqual([[10, 10], [16]]);
  });

  it('end at 512 tokens, padding included', () => {
    const texts = new Array(5).fill(undefined).map(() => ofLength(128));
    expect(lengths(planSharedRuns(texts))).toEqual([[128, 128, 128, 128], [128]]);
    expect(lengths(planSharedRuns([ofLength(600)]))).toEqual([[600]]);
    expect(planSharedRuns([])).toEqual([]);
  });
});

describe('runs of single texts', () => {
  it('take the shortest first', () => {
    expect(lengths(planSingleRuns([60, 12, 240].map(ofLength)))).toEqual([[12], [60], [240]]);
  });
});

describe('a model', () => {
  /** Turns every vector by `angle` for each further text in the run. */
  function encoderThatTurns(angle: number): SentenceEncoder {
    return {
      tokenise: ({ length }) => ofLength(length),
      encode: async (texts) => {
        const turned = angle * (texts.length - 1);
        const vector = Float32Array.of(Math.cos(turned), Math.sin(turned));
        return texts.map(({ tokenIds, truncated }) => ({
          vector,
          features: vector,
          tokens: tokenIds.length,
          truncated,
        }));
      },
    };
  }

  it('may share runs when company changes its vectors by rounding only', async () => {
    expect(await isBatchInvariant(encoderThatTurns(0.001))).toBe(true);
  });

  it('runs texts alone when company changes their vectors', async () => {
    expect(await isBatchInvariant(encoderThatTurns(0.1))).toBe(false);
  });
});
