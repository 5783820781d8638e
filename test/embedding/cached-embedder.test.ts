import { describe, expect, it } from 'vitest';
import { createCachedEmbedder } from '../../src/embedding/cached-embedder.ts';
import { createWorkerPool } from '../../src/embedding/worker-pool.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { createScriptedWorkers, settle, silentObserver } from './scripted-workers.ts';

const encoder = { id: 'scripted', hash: 'none', dimensions: 2, featureDimensions: 4, maxTokens: 4 };

function setUp({ cacheBytes = 1_000_000 } = {}) {
  const clock = createFakeClock();
  const lookups: string[] = [];
  const { startWorker, started } = createScriptedWorkers();
  const pool = createWorkerPool({ startWorker, workers: 1, clock });
  const embedder = createCachedEmbedder({
    encoder,
    pool,
    cacheBytes,
    clock,
    observer: { ...silentObserver, lookedUp: (result) => lookups.push(result) },
  });
  const worker = started[0];
  if (worker === undefined) throw new Error('The pool started no worker.');
  worker.ready();
  return { clock, embedder, worker, lookups };
}

/** Lets the worker answer until it has nothing left to do. */
async function serve(worker: ReturnType<typeof setUp>['worker'], batches = 3) {
  for (let i = 0; i < batches; i++) {
    await settle();
    worker.answer();
  }
}

describe('embedding each text once', () => {
  it('gives one embedding per text, in order', async () => {
    const { embedder, worker } = setUp();
    const embeddings = embedder.embed(['three', 'a', 'three']);
    await serve(worker);
    expect((await embeddings).map(({ tokens }) => tokens)).toEqual([5, 1, 5]);
    expect(worker.batches).toEqual([['three', 'a']]);
  });

  it('tells which texts were new, on their way or known', async () => {
    const { embedder, worker, lookups } = setUp();
    const embeddings = embedder.embed(['three', 'a', 'three']);
    await serve(worker);
    await embeddings;
    await embedder.embed(['a']);
    expect(lookups).toEqual(['miss', 'miss', 'joined', 'hit']);
  });

  it('has nothing to do for no texts', async () => {
    const { embedder, worker } = setUp();
    expect(await embedder.embed([])).toEqual([]);
    expect(worker.batches).toEqual([]);
  });

  it('shares a text that another caller waits for', async () => {
    const { embedder, worker } = setUp();
    const first = embedder.embed(['same']);
    await settle();
    const second = embedder.embed(['same', 'other']);
    await serve(worker);
    expect((await second)[0]?.vector).toBe((await first)[0]?.vector);
    expect(worker.batches).toEqual([['same'], ['other']]);
  });

  it('remembers what it embedded', async () => {
    const { embedder, worker } = setUp();
    const first = embedder.embed(['text']);
    await serve(worker);
    expect((await embedder.embed(['text'], { deadlineMs: 0 }))[0]).toBe((await first)[0]);
    expect(worker.batches).toHaveLength(1);
  });

  it('forgets the oldest when the cache is full, and keeps nothing in a cache of no size', async () => {
    const roomForOne = setUp({ cacheBytes: 300 });
    const none = setUp({ cacheBytes: 0 });
    for (const { embedder, worker } of [roomForOne, none]) {
      for (const text of ['one', 'two', 'two', 'one']) {
        const embeddings = embedder.embed([text]);
        await serve(worker, 1);
        await embeddings;
      }
    }
    expect(roomForOne.worker.batches.flat()).toEqual(['one', 'two', 'one']);
    expect(none.worker.batches.flat()).toEqual(['one', 'two', 'two', 'one']);
  });

  it('counts the features among what the cache holds', async () => {
    const bytesOfTwo = 2 * (256 + 2 * 4 + 4 * 4);
    const roomForTwo = setUp({ cacheBytes: bytesOfTwo });
    const roomForOne = setUp({ cacheBytes: bytesOfTwo - 1 });
    for (const { embedder, worker } of [roomForTwo, roomForOne]) {
      for (const text of ['one', 'two', 'one']) {
        const embeddings = embedder.embed([text]);
        await serve(worker, 1);
        await embeddings;
      }
    }
    expect(roomForTwo.worker.batches.flat()).toEqual(['one', 'two']);
    expect(roomForOne.worker.batches.flat()).toEqual(['one', 'two', 'one']);
  });

  it('asks again for a text that failed', async () => {
    const { embedder, worker } = setUp();
    const failed = embedder.embed(['text']);
    failed.catch(() => undefined);
    for (let attempt = 0; attempt < 2; attempt++) {
      await settle();
      worker.fail('no luck');
    }
    await expect(failed).rejects.toMatchObject({ kind: 'down' });
    const again = embedder.embed(['text']);
    await serve(worker);
    expect(await again).toHaveLength(1);
  });

  it('tells apart texts that differ in a lone surrogate only', async () => {
    const { embedder, worker } = setUp();
    const embeddings = embedder.embed(['a\ud800', 'a\ud801', 'a\ufffd', 'a\0']);
    await serve(worker);
    await embeddings;
    expect(worker.batches).toEqual([['a\ud800', 'a\ud801', 'a\ufffd', 'a\0']]);
  });
});

describe('deadlines', () => {
  it('reject the call that is late and leave the others waiting', async () => {
    const { clock, embedder, worker } = setUp();
    const hasty = embedder.embed(['text'], { deadlineMs: 50 });
    const patient = embedder.embed(['text'], { deadlineMs: 500 });
    const rejected = expect(hasty).rejects.toMatchObject({ kind: 'late' });
    await settle();
    clock.advance(50);
    await rejected;
    worker.answer();
    expect(await patient).toHaveLength(1);
  });

  it('leave no timer behind when they are met', async () => {
    const { clock, embedder, worker } = setUp();
    const embeddings = embedder.embed(['text'], { deadlineMs: 50 });
    await serve(worker);
    await embeddings;
    await settle();
    expect(clock.pending()).toBe(0);
  });

  it('spare the worker a text that nobody waits for any more', async () => {
    const { clock, embedder, worker } = setUp();
    const running = embedder.embed(['running']);
    await settle();
    const late = embedder.embed(['wanted by none', 'wanted by one'], { deadlineMs: 50 });
    const rejected = expect(late).rejects.toMatchObject({ kind: 'late' });
    const wanted = embedder.embed(['wanted by one']);
    clock.advance(50);
    await rejected;
    await serve(worker);
    await Promise.all([running, wanted]);
    expect(worker.batches).toEqual([['running'], ['wanted by one']]);

    const revived = embedder.embed(['wanted by none']);
    await serve(worker);
    expect(await revived).toHaveLength(1);
  });

  it('do not waste the work that was already begun', async () => {
    const { clock, embedder, worker } = setUp();
    const late = embedder.embed(['text'], { deadlineMs: 50 });
    const rejected = expect(late).rejects.toMatchObject({ kind: 'late' });
    await settle();
    clock.advance(50);
    await rejected;
    const joined = embedder.embed(['text']);
    await serve(worker);
    await joined;
    expect(worker.batches).toEqual([['text']]);
  });
});

describe('very long texts', () => {
  it('reach the worker as their head only, and are reported as truncated', async () => {
    const { embedder, worker } = setUp();
    const head = 'x'.repeat(64);
    const embeddings = embedder.embed([`${head}${'y'.repeat(20_000_000)}`, `${head}z`, head]);
    await serve(worker);
    expect((await embeddings).map(({ truncated }) => truncated)).toEqual([true, true, false]);
    expect(worker.batches).toEqual([[head]]);
  });
});

describe('closing', () => {
  it('rejects callers that wait and those that come later', async () => {
    const { clock, embedder } = setUp();
    const waiting = embedder.embed(['text'], { deadlineMs: 50 });
    const rejected = expect(waiting).rejects.toMatchObject({ kind: 'down' });
    await embedder.close();
    await rejected;
    await expect(embedder.embed(['text'])).rejects.toMatchObject({ kind: 'down' });
    expect(clock.pending()).toBe(0);
  });
});
