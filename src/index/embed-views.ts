import type { LabelledInput } from '../classifier/train-head.ts';
import { meanOfViews, toViews } from '../classifier/views.ts';
import type { Embedder, TextVectors } from '../embedding/embedder.ts';
import type { VectorStore } from './vector-store.ts';

const batchSize = 64;

export type OnProgress = (done: number, total: number) => void;

export interface EmbedFrom {
  readonly embedder: Embedder;
  readonly vectors: VectorStore;
  readonly onProgress?: OnProgress | undefined;
}

/** What the encoder makes of each text's views, in order; only views that the store does not know are embedded. */
export async function embedViews(
  texts: readonly string[],
  from: EmbedFrom,
): Promise<TextVectors[][]> {
  const views = texts.map(toViews);
  await embedMissing(views.flat(), from);
  return views.map((ofText) => ofText.map((view) => storedOf(view, from.vectors)));
}

/** The one vector of a text by which its neighbours are found. */
export function meanVector(views: readonly Pick<TextVectors, 'vector'>[]): Float32Array {
  return meanOfViews(views.map(({ vector }) => vector));
}

/** A labelled text with all that is learnt from it. */
export interface TrainingInput extends LabelledInput {
  /** By which its neighbours are found. */
  readonly vector: Float32Array;
  /** The same for all turns of one; they must not be judged by each other. */
  readonly conversation?: string;
}

/** What needs something before it to be understood is no neighbour of a text that has something else before it. */
export function canVote({ before }: Pick<LabelledInput, 'before'>): boolean {
  return before === undefined;
}

export function toTrainingInput(
  labelled: { readonly text: string; readonly className: string },
  views: readonly TextVectors[],
): TrainingInput {
  const vectors = views.map(({ features }) => features);
  return { ...labelled, vector: meanVector(views), vectors };
}

/** Throws when the view was never embedded. */
function storedOf(view: string, vectors: VectorStore): TextVectors {
  const stored = vectors.get(view);
  if (stored === undefined) throw new Error('The vector of a text is missing from the store.');
  return stored;
}

async function embedMissing(texts: readonly string[], from: EmbedFrom): Promise<void> {
  const missing = [...new Set(texts.filter((text) => from.vectors.get(text) === undefined))];
  for (let done = 0; done < missing.length; done += batchSize) {
    from.onProgress?.(done, missing.length);
    const batch = missing.slice(done, done + batchSize);
    const embeddings = await from.embedder.embed(batch);
    const entries = embeddings.map(({ features }, position) => ({
      text: batch[position] ?? '',
      features,
    }));
    from.vectors.put(entries);
  }
  if (missing.length > 0) from.onProgress?.(missing.length, missing.length);
}
