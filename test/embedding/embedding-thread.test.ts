import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startEmbeddingThread } from '../../src/embedding/embedding-thread.ts';
import type { EmbeddingWorker, WorkerReply } from '../../src/embedding/worker-protocol.ts';
import { writeTinyModel } from './tiny-model.ts';

type Tiny = Awaited<ReturnType<typeof writeTinyModel>>;

describe('a thread', () => {
  let tiny: Tiny;
  beforeEach(async () => {
    tiny = await writeTinyModel({ maxTokens: 32 });
  });
  afterEach(() => tiny.remove());

  /** Starts it and collects what it says until it ends. */
  function start(onReply?: (reply: WorkerReply, thread: EmbeddingWorker) => void) {
    const replies: WorkerReply[] = [];
    const { promise: exit, resolve } = deferred<string>();
    const thread = startEmbeddingThread(tiny.model, {
      onReply(reply) {
        replies.push(reply);
        onReply?.(reply, thread);
      },
      onExit: resolve,
    });
    return { thread, replies, exit };
  }

  it('tells why it could not load the model', async () => {
    await writeFile(join(tiny.model.directory, 'onnx', 'model.onnx'), 'torn');
    const { exit, replies } = start();
    expect(await exit).toContain('model.onnx');
    expect(replies).toEqual([]);
  });

  it('ends while it still starts', async () => {
    const { thread, exit, replies } = start();
    await thread.stop();
    expect(await exit).toBe('exit code 0');
    expect(replies).toEqual([]);
  });

  it('answers texts of different lengths in parts, the shortest first', async () => {
    const texts = ['one '.repeat(20), 'one', 'two'].map((text, id) => ({ id, text }));
    const { exit, replies } = start((reply, thread) => {
      if (reply.kind === 'ready') thread.embed(texts);
      else if (reply.kind === 'embedded' && reply.results.some(({ id }) => id === 0)) {
        void thread.stop();
      }
    });
    await exit;
    const answered = replies.flatMap((reply) =>
      reply.kind === 'embedded' ? [reply.results.map(({ id }) => id)] : [],
    );
    expect(answered).toEqual([[1, 2], [0]]);
  });
});

function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
