/** Told of what the embedder does, as it does it. Never throws. */
export interface EmbeddingObserver {
  /** A text was found in the cache, joined one on its way, or has to be embedded. */
  lookedUp(result: 'hit' | 'joined' | 'miss'): void;
  /** So many texts now wait for a worker. */
  queued(texts: number): void;
  /** A worker was given so many texts at once. */
  batched(texts: number): void;
  /** From its place in the queue to its vector. */
  embedded(durationMs: number): void;
  /** A worker stands in for one that died. */
  restarted(): void;
}

/** Passes everything on, and knows whether texts wait for a worker. */
export function watchQueue(observer: EmbeddingObserver | undefined): {
  readonly observer: EmbeddingObserver;
  readonly isIdle: () => boolean;
} {
  let waiting = 0;
  return {
    isIdle: () => waiting === 0,
    observer: {
      lookedUp: (result) => observer?.lookedUp(result),
      queued(texts) {
        waiting = texts;
        observer?.queued(texts);
      },
      batched: (texts) => observer?.batched(texts),
      embedded: (durationMs) => observer?.embedded(durationMs),
      restarted: () => observer?.restarted(),
    },
  };
}
