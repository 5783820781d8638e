// A stretch of time in which clients come at random.
import { setTimeout } from 'node:timers/promises';
import { Agent } from 'undici';
import type { Random } from '../../src/random.ts';
import { type Answered, ask, isUnexpected, type Outcome, outcomes } from './ask.ts';

export interface PhaseOptions {
  readonly url: string;
  /** Requests a second, on average. */
  readonly rate: number;
  readonly durationMs: number;
  /** No provider fails in it. */
  readonly isCalm: boolean;
  readonly random: Random;
  readonly prompts: () => string;
}

export interface Phase {
  readonly requests: number;
  readonly outcomes: Readonly<Record<Outcome, number>>;
  /** What must not happen, the first few of them in full. */
  readonly unexpected: number;
  readonly stories: readonly string[];
  readonly decisionIds: readonly string[];
  /** Of answers by the first who was asked. */
  readonly tookMs: { readonly p50: number; readonly p99: number };
}

const mostStories = 10;

export async function runPhase(options: PhaseOptions): Promise<Phase> {
  const { url, rate, durationMs, isCalm, random, prompts } = options;
  const counts = Object.fromEntries(outcomes.map((name) => [name, 0])) as Record<Outcome, number>;
  const stories: string[] = [];
  const decisionIds: string[] = [];
  const tookMs: number[] = [];
  const agent = new Agent();
  const endsAtMs = performance.now() + durationMs;
  let unexpected = 0;

  function account({ outcome, story, decisionId, isPlainSailing, tookMs: ms }: Answered): void {
    counts[outcome] += 1;
    if (decisionId !== undefined) decisionIds.push(decisionId);
    if (isPlainSailing) tookMs.push(ms);
    if (!isUnexpected(outcome, isCalm)) return;
    unexpected += 1;
    if (stories.length < mostStories) stories.push(story);
  }

  // Requests come whether others are done or not: those that hang in a timeout must not lighten the load of the rest.
  const underWay = new Set<Promise<void>>();
  while (performance.now() < endsAtMs) {
    const asking = ask({ url, random, prompts, agent }).then(account);
    underWay.add(asking);
    void asking.finally(() => underWay.delete(asking));
    await setTimeout((-1_000 / rate) * Math.log(1 - random()));
  }
  await Promise.all(underWay);
  await agent.close();
  tookMs.sort((a, b) => a - b);
  const at = (q: number) =>
    Math.round((tookMs[Math.floor(q * (tookMs.length - 1))] ?? 0) * 10) / 10;
  const requests = Object.values(counts).reduce((sum, each) => sum + each, 0);
  const took = { p50: at(0.5), p99: at(0.99) };
  return { requests, outcomes: counts, unexpected, stories, decisionIds, tookMs: took };
}
