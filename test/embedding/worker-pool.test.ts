import { describe, expect, it } from 'vitest';
import { createWorkerPool, type WorkerPool } from '../../src/embedding/worker-pool.ts';
import type { EmbeddingObserver } from '../../src/telemetry/embedding-observer.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import {
  createScriptedWorkers,
  type ScriptedWorker,
  settle,
  silentObserver,
} from './scripted-workers.ts';

function setUp({
  workers = 1,
  maxWaiting = 10_000,
  observer,
}: {
  workers?: number;
  maxWaiting?: number;
  observer?: EmbeddingObserver;
} = {}) {
  const clock = createFakeClock();
  const { startWorker, started } = createScriptedWorkers();
  const pool = createWorkerPool({ startWorker, workers, clock, maxWaiting, observer });
  return { clock, pool, started, worker: (number: number) => nth(started, number) };
}

function nth(workers: readonly ScriptedWorker[], number: number): ScriptedWorker {
  const worker = workers[number];
  if (worker === undefined) throw new Error(`Worker ${number} was not started.`);
  return worker;
}

/** Submits texts and tells what became of each: its vector, the kind of its error, or that it still waits. */
function submit(pool: WorkerPool, ...texts: string[]) {
  const outcomes: unknown[] = texts.map(() => 'waiting');
  const submitted = texts.map((text, i) => {
    const pooled = pool.submit(text);
    pooled.result.then(
      ({ vector }) => {
        outcomes[i] = [...vector];
      },
      (error: { kind?: string }) => {
        outcomes[i] = error.kind;
      },
    );
    return pooled;
  });
  return { outcomes, submitted };
}

describe('batching', () => {
  it('gives texts that come together to an idle worker as one batch', async () => {
    const { pool, worker } = setUp();
    worker(0).ready();
    const { outcomes } = submit(pool, 'one', 'three');
    await settle();
    expect(worker(0).batches).toEqual([['one', 'three']]);
    worker(0).answer();
    await settle();
    expect(outcomes).toEqual([
      [3, 0],
      [5, 0],
    ]);
  });

  it('collects what comes while the worker is busy, sixteen texts at most', async () => {
    const { pool, worker } = setUp();
    worker(0).ready();
    submit(pool, 'first');
    await settle();
    const numbers = Array.from({ length: 20 }, (_, i) => `text ${i}`);
    submit(pool, ...numbers);
    await settle();
    expect(worker(0).batches).toHaveLength(1);
    worker(0).answer();
    await settle();
    expect(worker(0).batches[1]).toEqual(numbers.slice(0, 16));
    worker(0).answer();
    await settle();
    expect(worker(0).batches[2]).toEqual(numbers.slice(16));
  });

  it('keeps a batch of long texts short, and always takes at least one', async () => {
    const { pool, worker } = setUp();
    const long = 'word '.repeat(800);
    submit(pool, long, 'short', long);
    worker(0).ready();
    await settle();
    worker(0).answer();
    await settle();
    expect(worker(0).batches.map((batch) => batch.length)).toEqual([1, 1]);
  });

  it('shares what waits among all idle workers', async () => {
    const { pool, worker } = setUp({ workers: 2 });
    worker(0).ready();
    worker(1).ready();
    submit(pool, 'head', 'whole', 'tail');
    await settle();
    expect(worker(0).batches).toEqual([['head', 'whole']]);
    expect(worker(1).batches).toEqual([['tail']]);
  });

  it('hands on the parts of a batch as they come', async () => {
    const { pool, worker } = setUp();
    worker(0).ready();
    const { outcomes } = submit(pool, 'slow one', 'quick');
    await settle();
    worker(0).answerOnly('quick');
    await settle();
    expect(outcomes).toEqual(['waiting', [5, 0]]);
  });

  it('never embeds a text that was cancelled while it waited', async () => {
    const { pool, worker } = setUp();
    const { submitted } = submit(pool, 'dropped', 'kept');
    expect(submitted[0]?.cancel()).toBe(true);
    worker(0).ready();
    await settle();
    expect(worker(0).batches).toEqual([['kept']]);
    expect(submitted[1]?.cancel()).toBe(false);
  });
});

describe('a worker that dies', () => {
  it('leaves its unanswered texts to a fresh worker', async () => {
    const { clock, pool, worker, started } = setUp();
    worker(0).ready();
    const { outcomes } = submit(pool, 'done', 'lost');
    await settle();
    worker(0).answerOnly('done');
    worker(0).die('out of memory');
    clock.advance(100);
    worker(1).ready();
    await settle();
    expect(started).toHaveLength(2);
    expect(worker(1).batches).toEqual([['lost']]);
    worker(1).answer();
    await settle();
    expect(outcomes).toEqual([
      [4, 0],
      [4, 1],
    ]);
  });

  it('takes only the text that killed it twice, not those in the same batch', async () => {
    const { clock, pool, worker } = setUp();
    worker(0).ready();
    const { outcomes } = submit(pool, 'poison', 'innocent');
    await settle();
    worker(0).die('crashed');
    clock.advance(100);
    worker(1).ready();
    await settle();
    expect(worker(1).batches).toEqual([['poison']]);
    worker(1).die('crashed');
    clock.advance(200);
    worker(2).ready();
    await settle();
    worker(2).answer();
    await settle();
    expect(outcomes).toEqual(['down', [8, 2]]);
  });

  it('is replaced after pauses that grow to half a minute', () => {
    const { clock, worker, started } = setUp();
    for (const pauseMs of [
      100, 200, 400, 800, 1_600, 3_200, 6_400, 12_800, 25_600, 30_000, 30_000,
    ]) {
      const before = started.length;
      worker(before - 1).die('cannot load');
      clock.advance(pauseMs - 1);
      expect(started).toHaveLength(before);
      clock.advance(1);
      expect(started).toHaveLength(before + 1);
    }
  });

  it('is forgiven earlier deaths after a minute of life', () => {
    const { clock, worker, started } = setUp();
    for (const pauseMs of [100, 200, 400]) {
      worker(started.length - 1).die('crashed');
      clock.advance(pauseMs);
    }
    worker(3).ready();
    clock.advance(60_000);
    worker(3).die('crashed');
    clock.advance(100);
    expect(started).toHaveLength(5);
  });

  it('leaves the others to serve', async () => {
    const { pool, worker } = setUp({ workers: 2 });
    worker(0).ready();
    worker(1).ready();
    const { outcomes } = submit(pool, 'first', 'second');
    await settle();
    worker(0).die('crashed');
    worker(1).answer();
    await settle();
    worker(1).answer();
    await settle();
    expect(outcomes).toEqual([
      [5, 1],
      [6, 1],
    ]);
  });
});

describe('texts that fail', () => {
  it('are tried once more, alone, before they are given up', async () => {
    const { pool, worker } = setUp();
    worker(0).ready();
    const { outcomes } = submit(pool, 'bad', 'good');
    await settle();
    worker(0).fail('not a number');
    await settle();
    worker(0).fail('not a number');
    await settle();
    worker(0).answer();
    await settle();
    expect(worker(0).batches).toEqual([['bad', 'good'], ['bad'], ['good']]);
    expect(outcomes).toEqual(['down', [4, 0]]);
  });
});

describe('a pool that cannot serve', () => {
  it('rejects at once after three failed starts, and serves again when a worker comes up', async () => {
    const { clock, pool, worker } = setUp();
    const { outcomes } = submit(pool, 'early');
    worker(0).die('no model');
    clock.advance(100);
    worker(1).die('no model');
    clock.advance(200);
    await settle();
    expect(outcomes).toEqual(['waiting']);
    worker(2).die('no model');
    await settle();
    expect(outcomes).toEqual(['down']);

    const refused = submit(pool, 'meanwhile');
    await settle();
    expect(refused.outcomes).toEqual(['down']);

    clock.advance(400);
    worker(3).ready();
    const served = submit(pool, 'again');
    await settle();
    worker(3).answer();
    await settle();
    expect(served.outcomes).toEqual([[5, 3]]);
  });

  it('names the reason of the last death', async () => {
    const { clock, pool, worker } = setUp();
    const { result } = pool.submit('text');
    for (const number of [0, 1, 2]) {
      worker(number).die('model.onnx is torn');
      clock.advance(1_000);
    }
    await expect(result).rejects.toThrow('model.onnx is torn');
  });

  it('refuses texts beyond its bound', async () => {
    const { pool } = setUp({ maxWaiting: 2 });
    const { outcomes } = submit(pool, 'one', 'two', 'three');
    await settle();
    expect(outcomes).toEqual(['waiting', 'waiting', 'down']);
  });
});

describe('closing', () => {
  it('ends workers in every state and rejects whoever waits', async () => {
    const { clock, pool, worker, started } = setUp({ workers: 3 });
    worker(0).ready();
    const { outcomes } = submit(pool, 'running');
    await settle();
    const queued = submit(pool, 'queued');
    worker(1).die('crashed');
    await pool.close();
    await settle();
    expect(outcomes).toEqual(['down']);
    expect(queued.outcomes).toEqual(['down']);
    expect([worker(0).isStopped, worker(2).isStopped]).toEqual([true, true]);
    expect(clock.pending()).toBe(0);
    clock.advance(60_000);
    expect(started).toHaveLength(3);
  });

  it('refuses texts afterwards and may happen twice', async () => {
    const { pool } = setUp();
    await pool.close();
    await pool.close();
    await expect(pool.submit('late').result).rejects.toMatchObject({ kind: 'down' });
  });
});

describe('what the pool tells of itself', () => {
  function watched(workers = 1) {
    const told: [string, number?][] = [];
    const parts = setUp({
      workers,
      observer: {
        ...silentObserver,
        queued: (texts) => told.push(['queued', texts]),
        batched: (texts) => told.push(['batched', texts]),
        embedded: (durationMs) => told.push(['embedded', durationMs]),
        restarted: () => told.push(['restarted']),
      },
    });
    return { told, ...parts };
  }

  it('is how many texts wait, how many go at once, and how long each took', async () => {
    const { told, clock, pool, worker } = watched();
    worker(0).ready();
    submit(pool, 'first');
    await settle();
    submit(pool, 'second', 'third');
    await settle();
    clock.advance(7);
    worker(0).answer();
    await settle();
    clock.advance(2);
    worker(0).answer();
    await settle();
    expect(told.filter(([name]) => name === 'batched')).toEqual([
      ['batched', 1],
      ['batched', 2],
    ]);
    expect(told.filter(([name]) => name === 'queued')).toEqual(
      [0, 2, 0, 0].map((texts) => ['queued', texts]),
    );
    expect(told.filter(([name]) => name === 'embedded')).toEqual([
      ['embedded', 7],
      ['embedded', 9],
      ['embedded', 9],
    ]);
  });

  it('is which texts nobody waits for any longer', async () => {
    const { told, pool, worker } = watched();
    worker(0).ready();
    submit(pool, 'first');
    await settle();
    const { submitted } = submit(pool, 'second');
    await settle();
    expect(told.at(-1)).toEqual(['queued', 1]);
    submitted[0]?.cancel();
    expect(told.at(-1)).toEqual(['queued', 0]);
  });

  it('is every worker that is started in place of another', async () => {
    const { told, clock, pool, worker } = watched();
    worker(0).ready();
    worker(0).die('out of memory');
    expect(told).not.toContainEqual(['restarted']);
    clock.advance(100);
    expect(told.filter(([name]) => name === 'restarted')).toHaveLength(1);
    await pool.close();
  });
});
