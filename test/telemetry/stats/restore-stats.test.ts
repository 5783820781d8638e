import { describe, expect, it } from 'vitest';
import { restoreStats } from '../../../src/telemetry/stats/restore-stats.ts';
import { createStats } from '../../../src/telemetry/stats/stats.ts';
import { makeRequest } from '../decisions/make-request.ts';
import { openStore } from '../decisions/open-store.ts';

function createLog() {
  const lines: [string, unknown][] = [];
  const write = (facts: unknown, message?: string) => void lines.push([message ?? '', facts]);
  return { lines, logger: { info: write, warn: write } as never };
}

describe('statistics after a restart', () => {
  it('are what they were, from more than a page of decisions', async () => {
    const { store, clock } = await openStore();
    const before = createStats(clock);
    const [ok] = makeRequest().attempts;
    if (ok === undefined) throw new Error('There is one.');
    for (let number = 0; number < 1_200; number += 1) {
      const failed = { ...ok, model: 'claude', outcome: 'failed' as const, cause: 'timeout' };
      const request = makeRequest({
        decisionId: `dec_${number}`,
        atMs: clock.now(),
        durationMs: number,
        ...(number % 3 === 0
          ? { outcome: 'fallback_ok', attempts: [failed, { ...ok, costUsd: undefined }] }
          : { abstained: 'out-of-scope', className: undefined }),
      });
      before.record(request);
      store.record(request);
      clock.advance(1_000);
    }
    // What is still under way belongs to the next process.
    const after = createStats(clock);
    const { lines, logger } = createLog();
    const restored = restoreStats(after, { decisions: store, clock, logger });
    store.record(makeRequest({ decisionId: 'dec_new', atMs: clock.now() }));
    await restored;
    const day = 24 * 3_600_000;
    expect(after.summarise(day)).toEqual(before.summarise(day));
    expect(after.summarise(day).requests).toBe(1_200);
    expect(lines).toEqual([['the statistics go on where they stood', { decisions: 1_200 }]]);
  });

  it('begin anew where there is nothing to read, or it can not be read', async () => {
    const { store, clock } = await openStore();
    const { lines, logger } = createLog();
    const stats = createStats(clock);
    await restoreStats(stats, { decisions: store, clock, logger });
    expect(lines).toEqual([]);
    await restoreStats(stats, {
      decisions: { measured: () => Promise.reject(new Error('no file')) },
      clock,
      logger,
    });
    expect(lines).toEqual([['the statistics begin anew', { reason: 'no file' }]]);
    expect(stats.summarise(60_000).requests).toBe(0);
  });
});
