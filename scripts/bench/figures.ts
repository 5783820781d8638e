// What the turns of a target in a scenario come to.
import { idleEncoder } from './targets.ts';
import type { Turn } from './turn.ts';

export interface Spread {
  readonly p50: number;
  readonly p99: number;
}

export interface Figures {
  readonly target: string;
  readonly requests: number;
  readonly latencyMs: Spread;
  readonly firstByteMs: Spread;
  /** Between pieces; undefined where replies came in one. */
  readonly gapMs: Spread | undefined;
  readonly requestsPerSecond: number;
  readonly cpuMsPerRequest: number | undefined;
  readonly residentMb: number | undefined;
  readonly loopDelayP99Ms: number | undefined;
  /** How many times as long as with the encoder idle, in the same round: the median over the rounds. */
  readonly loopDelayToIdle: number | undefined;
  /** Share of the requests that were decided without the encoder. */
  readonly lateShare: number;
  /** Share of the requests that the first tier decided. */
  readonly firstTierShare: number;
  /** How many times as long, and how much of the throughput, in the same round: the median over the rounds. */
  readonly toDirect: Ratio | undefined;
  readonly toPortkey: Ratio | undefined;
}

interface Ratio {
  readonly latency: number;
  readonly throughput: number;
}

/** Turns by target, in the order of the rounds. */
export function toFigures(turns: ReadonlyMap<string, readonly Turn[]>): Figures[] {
  return [...turns].map(([target, own]) => {
    const gaps = own.flatMap(({ gapsMs }) => gapsMs);
    const requests = own.reduce((sum, turn) => sum + turn.requests, 0);
    const late = own.reduce((sum, turn) => sum + turn.late, 0);
    const byFirstTier = own.reduce((sum, turn) => sum + turn.byFirstTier, 0);
    return {
      target,
      requests,
      latencyMs: spreadOf(own.flatMap(({ wholeMs }) => wholeMs)),
      firstByteMs: spreadOf(own.flatMap(({ firstByteMs }) => firstByteMs)),
      gapMs: gaps.length === 0 ? undefined : spreadOf(gaps),
      requestsPerSecond: median(own.map(rateOf)) ?? 0,
      cpuMsPerRequest: median(own.map((turn) => (turn.cpuMs ?? Number.NaN) / turn.requests)),
      residentMb: median(own.flatMap(({ residentMb }) => residentMb ?? [])),
      loopDelayP99Ms: median(own.flatMap(({ loopDelayP99Ms }) => loopDelayP99Ms ?? [])),
      loopDelayToIdle: loopDelayRatioOf(own, turns.get(idleEncoder)),
      lateShare: late / requests,
      firstTierShare: byFirstTier / requests,
      toDirect: ratioOf(own, turns.get('direct')),
      toPortkey: ratioOf(own, turns.get('portkey')),
    };
  });
}

/** Round by round; undefined without another, and of itself. */
export function ratioOf(
  own: readonly Turn[],
  others: readonly Turn[] | undefined,
): Ratio | undefined {
  if (others === undefined || others === own) return undefined;
  const pairs = own.flatMap((turn, round) => {
    const other = others[round];
    return other === undefined ? [] : [[turn, other] as const];
  });
  const p50 = ({ wholeMs }: Turn) => spreadOf(wholeMs).p50;
  return {
    latency: median(pairs.map(([turn, other]) => p50(turn) / p50(other))) ?? Number.NaN,
    throughput: median(pairs.map(([turn, other]) => rateOf(turn) / rateOf(other))) ?? Number.NaN,
  };
}

function loopDelayRatioOf(
  own: readonly Turn[],
  others: readonly Turn[] | undefined,
): number | undefined {
  if (others === undefined || others === own) return undefined;
  const nothing = Number.NaN;
  return median(
    own.map(({ loopDelayP99Ms = nothing }, round) => {
      return loopDelayP99Ms / (others[round]?.loopDelayP99Ms ?? nothing);
    }),
  );
}

function rateOf({ requests, elapsedMs }: Turn): number {
  return requests / (elapsedMs / 1_000);
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = Float64Array.from(values).sort();
  const at = (q: number) => sorted[Math.floor(q * (sorted.length - 1))] ?? Number.NaN;
  return { p50: at(0.5), p99: at(0.99) };
}

/** Undefined of nothing. */
export function median(values: readonly number[]): number | undefined {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  const upper = sorted[half];
  const lower = sorted[sorted.length % 2 === 0 ? half - 1 : half];
  return upper === undefined || lower === undefined ? undefined : (lower + upper) / 2;
}
