import type { Embedder } from '../embedding/embedder.ts';
import type { VectorStore } from './vector-store.ts';

const batchSize = 64;

export type OnProgress = (done: number, total: number) => void;

/** One vector per text, in order; only texts that the store does not know are embedded. */
export async function embedTexts(
  texts: readonly string[],
  from: { embedder: Embedder; vectors: VectorStore; onProgress?: OnProgress | undefined },
): Promise<Float32Array[]> {
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
  return texts.map((text) => {
    const vector = from.vectors.get(text);
    if (vector === undefined) throw new Error('A vector that was just computed is missing.');
    return vector;
  });
}
