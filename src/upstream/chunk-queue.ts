/** Chunks on their way from who receives them to one who reads them. */
export interface ChunkQueue extends AsyncIterableIterator<Uint8Array, undefined> {
  /** Returns how many bytes lie unread. */
  push(chunk: Uint8Array): number;
  /** What lies unread can still be read. */
  end(): void;
  /** The same, but reading on rejects with `error`. */
  fail(error: unknown): void;
  /** Reading on rejects at once; what lies unread is dropped. */
  abort(error: unknown): void;
}

export interface ChunkQueueOptions {
  /** Everything has been read that was there. */
  readonly onEmpty: () => void;
  /** The reader has left before the end. */
  readonly onLeft: () => void;
}

type Chunk = IteratorResult<Uint8Array, undefined>;

const done: Chunk = { done: true, value: undefined };

export function createChunkQueue({ onEmpty, onLeft }: ChunkQueueOptions): ChunkQueue {
  const unread: Uint8Array[] = [];
  let unreadBytes = 0;
  let reader: { resolve(chunk: Chunk): void; reject(error: unknown): void } | undefined;
  let state: 'open' | 'ended' | { readonly error: unknown } = 'open';

  function fail(error: unknown): void {
    if (state !== 'open') return;
    state = { error };
    reader?.reject(error);
  }

  const queue: ChunkQueue = {
    push(chunk) {
      if (state !== 'open') return 0;
      if (reader === undefined) {
        unread.push(chunk);
        unreadBytes += chunk.length;
      } else {
        reader.resolve({ done: false, value: chunk });
        reader = undefined;
      }
      return unreadBytes;
    },
    end() {
      if (state !== 'open') return;
      state = 'ended';
      reader?.resolve(done);
    },
    fail,
    abort(error) {
      if (state === 'open') unread.length = 0;
      fail(error);
    },
    next() {
      const chunk = unread.shift();
      if (chunk !== undefined) {
        unreadBytes -= chunk.length;
        if (unread.length === 0) onEmpty();
        return Promise.resolve({ done: false, value: chunk });
      }
      if (state === 'ended') return Promise.resolve(done);
      if (state !== 'open') return Promise.reject(state.error);
      return new Promise((resolve, reject) => {
        reader = { resolve, reject };
      });
    },
    return() {
      unread.length = 0;
      const isEarly = state === 'open';
      state = 'ended';
      if (isEarly) onLeft();
      return Promise.resolve(done);
    },
    [Symbol.asyncIterator]: () => queue,
  };
  return queue;
}
