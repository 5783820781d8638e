import type { Clock } from '../../clock.ts';
import { deploymentName } from '../../config/deployment-name.ts';
import type { Deployment } from '../deployment.ts';

/** What calls are compared by: the time to a first content grows with the prompt, that of a whole reply is another. */
interface MeasuredCall extends Deployment {
  /** Estimated. */
  readonly promptTokens: number;
  readonly stream: boolean;
}

/** How long deployments took lately until they answered: to the first content of a stream, to the end of a whole reply. */
export interface LatencyMemory {
  add(call: MeasuredCall, durationMs: number): void;
  /** What 95 % of the calls like this did not exceed, in milliseconds; undefined when too few are remembered. */
  p95Ms(call: MeasuredCall): number | undefined;
}

interface LatencyMemoryOptions {
  readonly clock: Clock;
  /** Fewer calls say nothing. */
  readonly minimumCalls: number;
}

/** Few enough that a model that has become slower is soon known for it. */
const mostCalls = 100;
const longestMs = 60 * 60_000;

/** Shorter and longer prompts than these powers of two are not told apart from them. */
const shortest = 7;
const longest = 17;

export function createLatencyMemory({ clock, minimumCalls }: LatencyMemoryOptions): LatencyMemory {
  const remembered = new Map<string, { readonly durationMs: number; readonly atMs: number }[]>();

  return {
    add(call, durationMs) {
      const key = kindOf(call);
      const calls = remembered.get(key) ?? [];
      remembered.set(key, calls);
      calls.push({ durationMs, atMs: clock.now() });
      if (calls.length > mostCalls) calls.shift();
    },
    p95Ms(call) {
      const sinceMs = clock.now() - longestMs;
      const recent = (remembered.get(kindOf(call)) ?? []).filter(({ atMs }) => atMs >= sinceMs);
      if (recent.length < minimumCalls) return undefined;
      // Sorted as numbers, in a quarter of the time that an array takes with a function to compare them.
      const durations = new Float64Array(recent.map(({ durationMs }) => durationMs)).sort();
      return durations[Math.ceil(0.95 * durations.length) - 1];
    },
  };
}

function kindOf({ promptTokens, stream, ...deployment }: MeasuredCall): string {
  const length = Math.ceil(Math.log2(Math.max(1, promptTokens)));
  return `${deploymentName(deployment)} ${stream} ${Math.min(longest, Math.max(shortest, length))}`;
}
