import type { BreakerSettings } from '../../../src/upstream/health/breaker-settings.ts';

export const breakerSettings: BreakerSettings = {
  windowMs: 30_000,
  minimumCalls: 10,
  failureShare: 0.5,
  failuresInARow: 5,
  openMs: 15_000,
  longestOpenMs: 300_000,
  refusalMs: 600_000,
  probes: 2,
  rampMs: 30_000,
};
