// A stretch of time in which clients ask, each again as soon as it has its answer and has thought for a moment.
import { setTimeout } from 'node:timers/promises';
import { Agent } from 'undici';
import type { Random } from '../../src/random.ts';
import { type Answered, ask, isUnexpected, type Outcome, outcomes } from './ask.ts';

export interface PhaseOptions {
  readonly url: string;
  readonly clients: number;
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

const thinkMs = 40;
const mostStories = 10;

export async function runPhase(options: PhaseOptions): Promise<Phase> {
  const { url, clients, durationMs, isCalm, random, prompts } = options;
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

  async function client(): Promise<void> {
    while (performance.now() < endsAtMs) {
      account(await ask({ url, random, prompts, agent }));
      await setTimeout(2 * thinkMs * random());
    }
  }
  await Promise.all(Array.from({ length: clients }, client));
  await agent.close();
  tookMs.sort((a, b) => a - b);
  const at = (q: number) =>
    Math.round((tookMs[Math.floor(q * (tookMs.length - 1))] ?? 0) * 10) / 10;
  const requests = Object.values(counts).reduce((sum, each) => sum + each, 0);
  const took = { p50: at(0.5), p99: at(0.99) };
  return { requests, outcomes: counts, unexpected, stories, decisionIds, tookMs: took };
}
