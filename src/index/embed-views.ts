import { toViews } from '../classifier/views.ts';
import type { Embedder } from '../embedding/embedder.ts';
import type { VectorStore } from './vector-store.ts';

const batchSize = 64;

export type OnProgress = (done: number, total: number) => void;

export interface EmbedFrom {
  readonly embedder: Embedder;
  readonly vectors: VectorStore;
  readonly onProgress?: OnProgress | undefined;
}

/** The vectors of each text's views, in order; only views that the store does not know are embedded. */
export async function embedViews(
  texts: readonly string[],
  from: EmbedFrom,
): Promise<Float32Array[][]> {
  const views = texts.map(toViews);
  await embedMissing(views.flat(), from);
  return views.map((ofText) => ofText.map((view) => vectorOf(view, from.vectors)));
}

/** The stored vector of a view. Throws when it was never embedded. */
function vectorOf(view: string, vectors: VectorStore): Float32Array {
  const vector = vectors.get(view);
  if (vector === undefined) throw new Error('The vector of a text is missing from the store.');
  return vector;
}

async function embedMissing(texts: readonly string[], from: EmbedFrom): Promise<void> {
  const missing = [...new Set(texts.filter((text) => from.vectors.get(text) === undefined))];
  for (let done = 0; done < missing.length; done += batchSize) {
    from.onProgress?.(done, missing.length);
    const batch = missing.slice(done, done + batchSize);
    const embeddings = await from.embedder.embed(batch);
    const entries = embeddings.map(({ vector }, position) => ({
      text: batch[position] ?? '',
      vector,
    }));
    from.vectors.put(entries);
  }
  if (missing.length > 0) from.onProgress?.(missing.length, missing.length);
}
