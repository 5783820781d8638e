// One target's turn in one round, and what it cost the target's process.
import { loopDelayP99, readMetrics } from '../soak/watch.ts';
import { processCpuMs, residentBytes } from '../support/start-router.ts';
import { type Load, runLoad } from './load.ts';
import type { PromptSet, Supply } from './prompts.ts';
import type { Scenario } from './scenarios.ts';
import { createRequestMaker, type Target } from './targets.ts';

export interface Turn extends Load {
  readonly cpuMs: number | undefined;
  readonly residentMb: number | undefined;
  /** Of the target's event loop. */
  readonly loopDelayP99Ms: number | undefined;
}

export interface TurnOptions {
  readonly target: Target;
  readonly set: PromptSet;
  readonly scenario: Scenario;
  readonly supply: Supply;
  readonly durationMs: number;
}

const warmUpMs = 150;

export async function takeTurn(options: TurnOptions): Promise<Turn> {
  const { target, set, scenario, supply, durationMs } = options;
  const { url, pid } = target;
  const { clients, size, stream } = scenario;
  const toRequest = createRequestMaker(target, { set, size, stream });
  const load = { url, clients, supply, toRequest };
  if (target.isRepeated) await runLoad({ ...load, durationMs: warmUpMs });
  // Reading it begins a new measurement.
  if (target.hasMetrics) await readMetrics(url);
  const before = pid === undefined ? undefined : processCpuMs(pid);
  const measured = await runLoad({ ...load, durationMs });
  const cpuMs = pid === undefined || before === undefined ? undefined : processCpuMs(pid) - before;
  const metrics = target.hasMetrics ? await readMetrics(url) : undefined;
  const delaySeconds = metrics?.(loopDelayP99);
  return {
    ...measured,
    cpuMs,
    residentMb: pid === undefined ? undefined : residentBytes(pid) / 1_024 / 1_024,
    loopDelayP99Ms: delaySeconds === undefined ? undefined : delaySeconds * 1_000,
  };
}
