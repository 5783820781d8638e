// What came of each crowd: the median of its rounds.
import { median, spreadOf } from '../bench/figures.ts';
import type { Load } from '../bench/load.ts';
import { alignColumns, threeDigits } from '../support/align-columns.ts';
import { type Crowd, crowds } from './crowd.ts';

export interface Round {
  readonly crowd: Crowd;
  /** Of one client alone, and when the crowd has gone. */
  readonly before: Load;
  readonly whole: Load;
  readonly after: Load;
}

interface Figures {
  readonly servedPerSecond: number;
  readonly p99Ms: number;
  readonly lateShare: number;
  /** Of all that was asked: refused with 429, and otherwise. */
  readonly shedShare: number;
  readonly failedShare: number;
  /** How long after the crowd one client waits until it has its usual median again; infinite where that is not seen. */
  readonly usualAgainAfterMs: number;
}

/** A latency is usual again where the median of so many in a row is within this factor of it. */
const usual = { requests: 10, factor: 1.25 };

const columns: readonly (readonly [title: string, read: (figures: Figures) => number])[] = [
  ['served/s', ({ servedPerSecond }) => servedPerSecond],
  ['p99 ms', ({ p99Ms }) => p99Ms],
  ['late %', ({ lateShare }) => 100 * lateShare],
  ['429 %', ({ shedShare }) => 100 * shedShare],
  ['failed %', ({ failedShare }) => 100 * failedShare],
  ['usual again after ms', ({ usualAgainAfterMs }) => usualAgainAfterMs],
];

export function describeCrowds(rounds: readonly Round[]) {
  const figures = crowds.map((crowd) => {
    const own = rounds.filter((round) => round.crowd === crowd).map(toFigures);
    const of = (name: keyof Figures) => median(own.map((each) => each[name])) ?? Number.NaN;
    return {
      crowd,
      servedPerSecond: of('servedPerSecond'),
      p99Ms: of('p99Ms'),
      lateShare: of('lateShare'),
      shedShare: of('shedShare'),
      failedShare: of('failedShare'),
      usualAgainAfterMs: of('usualAgainAfterMs'),
    };
  });
  const atLimit = figures[0]?.servedPerSecond ?? Number.NaN;
  const table = alignColumns([
    ['', ...columns.map(([title]) => title), '× served at the limit'],
    ...figures.map((each) => [
      each.crowd,
      ...columns.map(([, read]) => threeDigits(read(each))),
      threeDigits(each.servedPerSecond / atLimit),
    ]),
  ]);
  return { table, figures };
}

function toFigures({ before, whole, after }: Round): Figures {
  const { requests, elapsedMs, wholeMs, late, refused } = whole;
  const shed = refused.get(429) ?? 0;
  const asked = [...refused.values()].reduce((sum, count) => sum + count, requests);
  return {
    servedPerSecond: requests / (elapsedMs / 1_000),
    p99Ms: spreadOf(wholeMs).p99,
    lateShare: late / requests,
    shedShare: shed / asked,
    failedShare: (asked - requests - shed) / asked,
    usualAgainAfterMs: recoveryMs(after.wholeMs, spreadOf(before.wholeMs).p50),
  };
}

/** Over the latencies of one client, which asks without a pause. */
function recoveryMs(wholeMs: readonly number[], usualMs: number): number {
  let passedMs = 0;
  for (const [from, ms] of wholeMs.entries()) {
    const next = wholeMs.slice(from, from + usual.requests);
    if (next.length < usual.requests) break;
    if (spreadOf(next).p50 <= usualMs * usual.factor) return passedMs;
    passedMs += ms;
  }
  return Number.POSITIVE_INFINITY;
}
