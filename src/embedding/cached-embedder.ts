import { hash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Clock } from '../clock.ts';
import type { EmbeddingObserver } from '../telemetry/embedding-observer.ts';
import { type Embedder, EmbedderError, type Embedding, type Encoder } from './embedder.ts';
import type { PooledText, WorkerPool } from './worker-pool.ts';

/** Twice what a long token takes: what is cut off could hardly have been among the first `maxTokens` tokens. */
const charactersPerToken = 16;
/** An entry's key, objects and place in the map, roughly. */
const entryOverheadBytes = 256;

/** A text on its way through the pool, and how many calls still want it. */
interface Flight {
  readonly key: string;
  readonly text: PooledText;
  callers: number;
}

type Lookup =
  | { readonly kind: 'cached'; readonly embedding: Embedding }
  | { readonly kind: 'flight'; readonly flight: Flight };

export interface CachedEmbedderOptions {
  readonly encoder: Encoder;
  readonly pool: WorkerPool;
  /** 0 keeps nothing. */
  readonly cacheBytes: number;
  readonly clock: Clock;
  readonly observer?: EmbeddingObserver | undefined;
}

/** Embeds a text once, however many callers ask for it at the same time or soon again. Closes the pool with itself. */
export function createCachedEmbedder(options: CachedEmbedderOptions): Embedder {
  const { encoder, pool, cacheBytes, clock, observer } = options;
  const maxCharacters = encoder.maxTokens * charactersPerToken;
  const flights = new Map<string, Flight>();
  const cache = new LRUCache<string, Embedding>({
    maxSize: Math.max(1, cacheBytes),
    sizeCalculation: bytesOf,
  });

  function lookUp(text: string): Lookup {
    const head = text.slice(0, maxCharacters);
    const key = contentHash(head);
    const embedding = cache.get(key);
    if (embedding !== undefined) {
      observer?.lookedUp('hit');
      return { kind: 'cached', embedding };
    }
    const joined = flights.get(key);
    observer?.lookedUp(joined === undefined ? 'miss' : 'joined');
    const flight = joined ?? launch(key, head);
    flight.callers++;
    return { kind: 'flight', flight };
  }

  function launch(key: string, head: string): Flight {
    const flight: Flight = { key, text: pool.submit(head), callers: 0 };
    flights.set(key, flight);
    flight.text.result.then(
      (embedding) => {
        flights.delete(key);
        cache.set(key, embedding);
      },
      () => flights.delete(key),
    );
    return flight;
  }

  function leave(flight: Flight): void {
    flight.callers--;
    if (flight.callers === 0 && flight.text.cancel()) flights.delete(flight.key);
  }

  return {
    encoder,
    async embed(texts, { deadlineMs } = {}) {
      const lookups = texts.map(lookUp);
      const joined = lookups.flatMap((lookup) => (lookup.kind === 'flight' ? lookup.flight : []));
      try {
        const results = Promise.all(
          lookups.map((lookup) =>
            lookup.kind === 'flight' ? lookup.flight.text.result : lookup.embedding,
          ),
        );
        const embeddings =
          joined.length === 0 || deadlineMs === undefined
            ? await results
            : await within({ clock, deadlineMs, promise: results });
        return embeddings.map((embedding, i) =>
          (texts[i]?.length ?? 0) > maxCharacters ? { ...embedding, truncated: true } : embedding,
        );
      } finally {
        for (const flight of joined) leave(flight);
      }
    },
    async close() {
      cache.clear();
      await pool.close();
    },
  };
}

function bytesOf({ vector, features }: Embedding): number {
  const featureBytes = features === vector ? 0 : features.byteLength;
  return vector.byteLength + featureBytes + entryOverheadBytes;
}

// Not as UTF-8, where all lone surrogates are the same replacement character.
function contentHash(text: string): string {
  return hash('sha256', Buffer.from(text, 'utf16le'), 'base64');
}

function within<T>(options: { clock: Clock; deadlineMs: number; promise: Promise<T> }): Promise<T> {
  const { clock, deadlineMs, promise } = options;
  return new Promise((resolve, reject) => {
    const timer = clock.setTimer(deadlineMs, () =>
      reject(new EmbedderError('late', `No embedding within ${deadlineMs} ms.`)),
    );
    promise.then(resolve, reject).finally(() => timer.cancel());
  });
}
