import { nameInWords } from '../classifier/name-in-words.ts';
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
}

export function toTrainingInput(
  labelled: { readonly text: string; readonly className: string },
  views: readonly TextVectors[],
): TrainingInput {
  const vectors = views.map(({ features }) => features);
  return { ...labelled, vector: meanVector(views), vectors };
}

/** Embeds what is new of the examples; one input each, in order. */
export async function toTrainingInputs(
  examples: readonly { readonly text: string; readonly className: string }[],
  from: EmbedFrom,
): Promise<TrainingInput[]> {
  const embedded = await embedViews(
    examples.map(({ text }) => text),
    from,
  );
  return examples.map(({ text, className }, position) =>
    toTrainingInput({ text, className }, embedded[position] ?? []),
  );
}

/**
 * What the names of the classes teach the head: one input for each name that says something. Where examples are few a
 * name is worth more than one of them (docs/decisions/0005).
 */
export function toNameInputs(
  classNames: Iterable<string>,
  from: EmbedFrom,
): Promise<TrainingInput[]> {
  const lessons = [...new Set(classNames)].sort().flatMap((className) => {
    const text = nameInWords(className);
    return text === undefined ? [] : [{ text, className }];
  });
  return toTrainingInputs(lessons, from);
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
