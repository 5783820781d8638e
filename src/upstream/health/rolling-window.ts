/** Counts of what happened in the last so many milliseconds, to a tenth of them. */
export interface RollingWindow {
  add(nowMs: number, isFailure: boolean): void;
  counts(nowMs: number): { readonly calls: number; readonly failures: number };
  clear(): void;
}

const slices = 10;

export function createRollingWindow(windowMs: number): RollingWindow {
  const sliceMs = windowMs / slices;
  /** By the number of their slice of time; never more than there are slices, and the one that is leaving. */
  const counted = new Map<number, { calls: number; failures: number }>();

  function forget(nowMs: number): void {
    const oldest = Math.floor(nowMs / sliceMs) - slices;
    for (const slice of counted.keys()) if (slice <= oldest) counted.delete(slice);
  }

  return {
    add(nowMs, isFailure) {
      forget(nowMs);
      const slice = Math.floor(nowMs / sliceMs);
      const count = counted.get(slice) ?? { calls: 0, failures: 0 };
      count.calls += 1;
      if (isFailure) count.failures += 1;
      counted.set(slice, count);
    },
    counts(nowMs) {
      forget(nowMs);
      let calls = 0;
      let failures = 0;
      for (const count of counted.values()) {
        calls += count.calls;
        failures += count.failures;
      }
      return { calls, failures };
    },
    clear: () => counted.clear(),
  };
}
