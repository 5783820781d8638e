import { beforeEach, describe, expect, it, vi } from 'vitest';
import { type ChunkQueue, createChunkQueue } from '../../src/upstream/chunk-queue.ts';

const [first, second] = [Buffer.from('first'), Buffer.from('second')];
const torn = new Error('torn');

let queue: ChunkQueue;
let onEmpty: () => void;
let onLeft: () => void;

beforeEach(() => {
  onEmpty = vi.fn();
  onLeft = vi.fn();
  queue = createChunkQueue({ onEmpty, onLeft });
});

describe('chunks on their way to a reader', () => {
  it('come in order, whoever is first, and then the end', async () => {
    const waiting = queue.next();
    expect(queue.push(first)).toBe(0);
    expect(queue.push(second)).toBe(second.length);
    queue.end();
    expect(await waiting).toEqual({ done: false, value: first });
    expect(await queue.next()).toEqual({ done: false, value: second });
    expect((await queue.next()).done).toBe(true);
    expect((await queue.next()).done).toBe(true);
  });

  it('tell how much lies unread, and when all of it has been taken', async () => {
    queue.push(first);
    expect(queue.push(second)).toBe(first.length + second.length);
    await queue.next();
    expect(onEmpty).not.toHaveBeenCalled();
    await queue.next();
    expect(onEmpty).toHaveBeenCalledOnce();
  });

  it('are all read before what broke off the rest', async () => {
    queue.push(first);
    queue.fail(torn);
    expect(await queue.next()).toEqual({ done: false, value: first });
    await expect(queue.next()).rejects.toBe(torn);
  });

  it('are dropped when the reading is aborted', async () => {
    queue.push(first);
    queue.abort(torn);
    await expect(queue.next()).rejects.toBe(torn);
  });

  it('reject whoever waits for them', async () => {
    const waiting = queue.next();
    queue.abort(torn);
    await expect(waiting).rejects.toBe(torn);
  });

  it('say that the reader has left, if it was before the end', async () => {
    await queue.return?.();
    expect(onLeft).toHaveBeenCalledOnce();
    expect(queue.push(first)).toBe(0);
    expect((await queue.next()).done).toBe(true);

    const read = createChunkQueue({ onEmpty, onLeft });
    read.end();
    await read.return?.();
    expect(onLeft).toHaveBeenCalledOnce();
  });
});
