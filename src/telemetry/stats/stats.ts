import type { Clock } from '../../clock.ts';
import { compareTexts } from '../../compare-texts.ts';
import type { Recorder } from '../request-record.ts';
import {
  addRequest,
  createRollup,
  type MeasuredRequest,
  type ModelRollup,
  mergeRollup,
  type Rollup,
} from './rollup.ts';
import type { Sketch } from './sketch.ts';

const minuteMs = 60_000;
/** What is kept by the minute; what is older, by the block. A day of minutes would take ten times the memory. */
const recentMinutes = 60;
const blockMinutes = 15;
export const longestWindowMs = 24 * 60 * minuteMs;

export interface Stats extends Recorder {
  /** Counts a request of the past, as far as it is not too long ago. */
  add(request: MeasuredRequest): void;
  /** What happened in the last `windowMs`: to the minute within the last hour, to the quarter of an hour before. */
  summarise(windowMs: number): Summary;
}

interface Quantiles {
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
}

export interface Summary {
  readonly windowMs: number;
  readonly requests: number;
  readonly durationMs: Quantiles;
  readonly outcomes: Record<string, number>;
  readonly classes: Record<string, number>;
  readonly abstentions: Record<string, number>;
  /** Of all requests. */
  readonly abstentionRate: number;
  /** Requests that a later candidate answered. */
  readonly fallbacks: number;
  readonly costUsd: number;
  readonly models: Record<string, ModelSummary>;
}

interface ModelSummary {
  readonly attempts: number;
  /** Of the attempts that ended by themselves: nobody left, and nobody was sooner. */
  readonly errorRate: number;
  readonly errors: Record<string, number>;
  /** Of attempts that succeeded. */
  readonly durationMs: Quantiles;
  readonly firstContentMs: Quantiles;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly costUsd: number;
  readonly unknownCosts: number;
}

/** Counts every request, and keeps a day of counts in memory. */
export function createStats(clock: Clock): Stats {
  /** By the number of their minute, and of the first minute of their block. */
  const minutes = new Map<number, Rollup>();
  const blocks = new Map<number, Rollup>();

  /** Puts away what has become old. */
  function tidy(now: number): void {
    for (const [minute, rollup] of minutes) {
      if (minute > now - recentMinutes) continue;
      mergeRollup(rollupAt(blocks, blockOf(minute)), rollup);
      minutes.delete(minute);
    }
    const oldest = blockOf(now - longestWindowMs / minuteMs);
    for (const block of blocks.keys()) if (block < oldest) blocks.delete(block);
  }

  return {
    record(request) {
      const minute = minuteOf(clock.now());
      if (!minutes.has(minute)) tidy(minute);
      addRequest(rollupAt(minutes, minute), request);
    },
    add(request) {
      const now = minuteOf(clock.now());
      const minute = minuteOf(request.endedAtMs);
      if (minute <= now - longestWindowMs / minuteMs) return;
      const isRecent = minute > now - recentMinutes;
      const rollup = isRecent ? rollupAt(minutes, minute) : rollupAt(blocks, blockOf(minute));
      addRequest(rollup, request);
    },
    summarise(windowMs) {
      const from = minuteOf(clock.now() - windowMs);
      const sum = createRollup();
      for (const [minute, rollup] of minutes) if (minute >= from) mergeRollup(sum, rollup);
      for (const [block, rollup] of blocks) if (block >= blockOf(from)) mergeRollup(sum, rollup);
      return toSummary(sum, windowMs);
    },
  };
}

function minuteOf(ms: number): number {
  return Math.floor(ms / minuteMs);
}

function blockOf(minute: number): number {
  return minute - (minute % blockMinutes);
}

function rollupAt(rollups: Map<number, Rollup>, key: number): Rollup {
  const known = rollups.get(key);
  if (known !== undefined) return known;
  const rollup = createRollup();
  rollups.set(key, rollup);
  return rollup;
}

function toSummary(sum: Rollup, windowMs: number): Summary {
  const requests = sum.durationMs.count;
  const abstained = total(sum.abstentions);
  const models = [...sum.models].sort(([a], [b]) => compareTexts(a, b));
  return {
    windowMs,
    requests,
    durationMs: toQuantiles(sum.durationMs),
    outcomes: Object.fromEntries(sum.outcomes),
    classes: Object.fromEntries(sum.classes),
    abstentions: Object.fromEntries(sum.abstentions),
    abstentionRate: requests === 0 ? 0 : abstained / requests,
    fallbacks: sum.outcomes.get('fallback_ok') ?? 0,
    costUsd: models.reduce((cost, [, model]) => cost + model.costUsd, 0),
    models: Object.fromEntries(models.map(([name, model]) => [name, toModelSummary(model)])),
  };
}

function toModelSummary(model: ModelRollup): ModelSummary {
  const { results } = model;
  const counts = Object.fromEntries(results);
  const { ok = 0, outrun = 0, 'client-gone': clientGone = 0, ...errors } = counts;
  const failed = total(new Map(Object.entries(errors)));
  return {
    attempts: ok + outrun + clientGone + failed,
    errorRate: ok + failed === 0 ? 0 : failed / (ok + failed),
    errors,
    durationMs: toQuantiles(model.durationMs),
    firstContentMs: toQuantiles(model.firstContentMs),
    inputTokens: model.inputTokens,
    outputTokens: model.outputTokens,
    costUsd: model.costUsd,
    unknownCosts: model.unknownCosts,
  };
}

function toQuantiles(sketch: Sketch): Quantiles {
  const at = (q: number) => sketch.quantile(q) ?? null;
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}

function total(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((sum, count) => sum + count, 0);
}
