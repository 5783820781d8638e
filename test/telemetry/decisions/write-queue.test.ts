import { describe, expect, it } from 'vitest';
import type { QueuedRequest } from '../../../src/telemetry/decisions/queued-request.ts';
import { createWriteQueue } from '../../../src/telemetry/decisions/write-queue.ts';
import { createDropReport } from '../../../src/telemetry/drop-report.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

const request: QueuedRequest = {
  atMs: 0,
  row: [],
  record: '{}',
  conversation: null,
  text: 'x',
  features: null,
};

/** A queue over a disk that writes when it is told to. */
function openQueue({ maxQueued = 2_000, maxCharacters = 1_000_000 } = {}) {
  const clock = createFakeClock();
  const log: string[] = [];
  const report = createDropReport('decisions', clock, {
    error: (_facts: unknown, text: string) => void log.push(text),
  } as never);
  const writes: { readonly size: number; succeed(): void; fail(reason: string): void }[] = [];
  const queue = createWriteQueue({
    write: ({ length: size }) =>
      new Promise<void>((succeed, reject) => {
        writes.push({ size, succeed, fail: (reason) => reject(new Error(reason)) });
      }),
    report,
    clock,
    limits: { maxQueued, maxCharacters },
  });
  const add = (count: number) => {
    for (let index = 0; index < count; index += 1) queue.add(request);
  };
  return { queue, add, writes, clock, log, report };
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('the queue before the store', () => {
  it('waits a second for more', () => {
    const { add, writes, clock } = openQueue();
    add(3);
    clock.advance(999);
    expect(writes).toHaveLength(0);
    clock.advance(1);
    expect(writes.map(({ size }) => size)).toEqual([3]);
    expect(clock.pending()).toBe(0);
  });

  it('writes at once when a batch is full, and one batch after the other', async () => {
    const { add, writes, clock } = openQueue();
    add(1_050);
    expect(writes.map(({ size }) => size)).toEqual([500]);
    writes[0]?.succeed();
    await settle();
    expect(writes.map(({ size }) => size)).toEqual([500, 500]);
    writes[1]?.succeed();
    await settle();
    clock.advance(2_000);
    expect(writes.map(({ size }) => size)).toEqual([500, 500, 50]);
  });

  it('drops what is too much while the disk is slow, says so, and never throws', async () => {
    const { queue, add, writes, log, report } = openQueue({ maxQueued: 600 });
    add(610);
    expect(queue.queued).toBe(600);
    expect(report.dropped).toBe(10);
    expect(log).toEqual(['decisions dropped: 1']);
    writes[0]?.succeed();
    await settle();
    add(1);
    expect(report.dropped).toBe(10);
  });

  it('is bounded in size as well as in number', () => {
    const { queue, report } = openQueue({ maxCharacters: 100 });
    queue.add({ ...request, text: 'x'.repeat(90) });
    queue.add({ ...request, text: 'x'.repeat(90) });
    queue.add(request);
    expect([queue.queued, report.dropped]).toEqual([2, 1]);
  });

  it('counts what the disk refuses as dropped and goes on', async () => {
    const { queue, add, writes, clock, log, report } = openQueue();
    add(500);
    writes[0]?.fail('database or disk is full');
    await settle();
    add(500);
    writes[1]?.succeed();
    await settle();
    expect([queue.written, report.dropped, queue.queued]).toEqual([500, 500, 0]);
    expect(log).toEqual(['decisions dropped: 500']);
    clock.advance(60_000);
    expect(log).toHaveLength(1);
  });

  it('reports drops once a minute', () => {
    const { report, clock, log } = openQueue();
    for (let second = 0; second < 130; second += 1) {
      report.add(1, 'full');
      clock.advance(1_000);
    }
    expect(log).toEqual(['decisions dropped: 1', 'decisions dropped: 59', 'decisions dropped: 60']);
    report.close();
    expect(log.at(-1)).toBe('decisions dropped: 10');
    expect(clock.pending()).toBe(0);
  });

  it('knows how far behind it is', async () => {
    const { queue, add, writes, clock } = openQueue();
    expect(queue.lagMs).toBe(0);
    add(1);
    clock.advance(400);
    add(1);
    clock.advance(1_600);
    expect(queue.lagMs).toBe(2_000);
    writes[0]?.succeed();
    await settle();
    expect(queue.lagMs).toBe(0);
  });

  it('flushes what came before, not what comes after', async () => {
    const { queue, add, writes } = openQueue();
    add(3);
    const flushed = queue.flush();
    add(5);
    writes[0]?.succeed();
    await flushed;
    expect(writes.map(({ size }) => size)).toEqual([3]);
    expect(queue.queued).toBe(5);
  });

  it('takes nothing more once it is closed', () => {
    const { queue, add, report } = openQueue();
    queue.close();
    add(1);
    expect([queue.queued, report.dropped]).toEqual([0, 1]);
  });
});
