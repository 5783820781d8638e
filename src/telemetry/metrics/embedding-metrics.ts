import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { EmbeddingObserver } from '../embedding-observer.ts';

/** What the embedder does, as metrics. */
export function createEmbeddingMetrics(registry: Registry): EmbeddingObserver {
  const registers = [registry];
  const lookups = new Counter({
    name: 'switchyard_embedding_cache_total',
    help: 'Texts by whether they were embedded already, or just being embedded.',
    labelNames: ['result'],
    registers,
  });
  const queue = new Gauge({
    name: 'switchyard_embedding_queue_texts',
    help: 'Texts that wait for a worker.',
    registers,
  });
  const batches = new Histogram({
    name: 'switchyard_embedding_batch_texts',
    help: 'Texts that a worker was given at once.',
    buckets: [1, 2, 4, 8, 16],
    registers,
  });
  const duration = new Histogram({
    name: 'switchyard_embedding_duration_seconds',
    help: 'Of a text that had to be embedded, its wait in the queue included.',
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
    registers,
  });
  const restarts = new Counter({
    name: 'switchyard_embedding_worker_restarts_total',
    help: 'Workers that stand in for one that died.',
    registers,
  });
  return {
    lookedUp: (result) => lookups.inc({ result }),
    queued: (texts) => queue.set(texts),
    batched: (texts) => batches.observe(texts),
    embedded: (durationMs) => duration.observe(durationMs / 1_000),
    restarted: () => restarts.inc(),
  };
}
