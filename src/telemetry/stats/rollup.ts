import { hasUnknownCost, type RequestRecord, resultOf, totalsOf } from '../request-record.ts';
import { createSketch, type Sketch } from './sketch.ts';

export interface ModelRollup {
  readonly durationMs: Sketch;
  readonly firstContentMs: Sketch;
  /** Attempts by how they ended: ok, client-gone, outrun, or the cause of the failure. */
  readonly results: Map<string, number>;
  inputTokens: number;
  outputTokens: number;
  costUsd: number;
  /** Answers whose cost nobody knows. */
  unknownCosts: number;
}

/** What happened in some time; of times that follow one another, merged. */
export interface Rollup {
  readonly durationMs: Sketch;
  readonly outcomes: Map<string, number>;
  readonly classes: Map<string, number>;
  readonly abstentions: Map<string, number>;
  readonly models: Map<string, ModelRollup>;
}

/** What is counted of a request. */
export interface MeasuredRequest
  extends Pick<RequestRecord, 'durationMs' | 'className' | 'abstained' | 'attempts'> {
  readonly outcome: string;
  readonly endedAtMs: number;
}

export function createRollup(): Rollup {
  return {
    durationMs: createSketch(),
    outcomes: new Map(),
    classes: new Map(),
    abstentions: new Map(),
    models: new Map(),
  };
}

export function addRequest(rollup: Rollup, request: Omit<MeasuredRequest, 'endedAtMs'>): void {
  rollup.durationMs.add(request.durationMs);
  increase(rollup.outcomes, request.outcome);
  if (request.className !== undefined) increase(rollup.classes, request.className);
  if (request.abstained !== undefined) increase(rollup.abstentions, request.abstained);
  for (const attempt of request.attempts) {
    const model = modelOf(rollup, attempt.model);
    const isOk = attempt.outcome === 'ok';
    increase(model.results, resultOf(attempt));
    if (isOk) model.durationMs.add(attempt.durationMs);
    if (attempt.firstContentMs !== undefined) model.firstContentMs.add(attempt.firstContentMs);
    const { inputTokens, outputTokens } = totalsOf({ attempts: [attempt] });
    model.inputTokens += inputTokens;
    model.outputTokens += outputTokens;
    model.costUsd += attempt.costUsd ?? 0;
    if (hasUnknownCost(attempt)) model.unknownCosts += 1;
  }
}

/** Adds another's counts to the first. */
export function mergeRollup(into: Rollup, other: Rollup): void {
  into.durationMs.merge(other.durationMs);
  mergeCounts(into.outcomes, other.outcomes);
  mergeCounts(into.classes, other.classes);
  mergeCounts(into.abstentions, other.abstentions);
  for (const [name, from] of other.models) {
    const model = modelOf(into, name);
    model.durationMs.merge(from.durationMs);
    model.firstContentMs.merge(from.firstContentMs);
    mergeCounts(model.results, from.results);
    model.inputTokens += from.inputTokens;
    model.outputTokens += from.outputTokens;
    model.costUsd += from.costUsd;
    model.unknownCosts += from.unknownCosts;
  }
}

function modelOf({ models }: Rollup, name: string): ModelRollup {
  const known = models.get(name);
  if (known !== undefined) return known;
  const model: ModelRollup = {
    durationMs: createSketch(),
    firstContentMs: createSketch(),
    results: new Map(),
    inputTokens: 0,
    outputTokens: 0,
    costUsd: 0,
    unknownCosts: 0,
  };
  models.set(name, model);
  return model;
}

function increase(counts: Map<string, number>, key: string, by = 1): void {
  counts.set(key, (counts.get(key) ?? 0) + by);
}

function mergeCounts(into: Map<string, number>, other: ReadonlyMap<string, number>): void {
  for (const [key, count] of other) increase(into, key, count);
}
