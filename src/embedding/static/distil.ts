import { once } from 'node:events';
import { spawnWorker } from '../../spawn-worker.ts';
import { createStopFlag, raise } from '../../stop-flag.ts';
import { type QuantisedMatrix, quantiseRows } from '../compile/quantise.ts';
import type { ReadyModel } from '../model-files.ts';
import type { DistilRequest } from './distil-worker.ts';
import { orderPieces } from './piece-order.ts';
import type { Vocabulary } from './word-pieces.ts';

/** Goes up whenever the same model would give another table. */
export const recipeVersion = 1;

const batchPieces = 128;
const threads = 2;
/** Of a row. More of the encoder's decide no better, and make a larger file (docs/decisions/0014). */
const mostDimensions = 256;
/** How rare a piece is whose weight is one half (smooth inverse frequency, Arora et al. 2017). */
const halfWeight = 3e-4;

export interface DistilOptions {
  readonly onProgress: (done: number, total: number) => void;
  /** Ends it; then it rejects. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Encodes every piece of the vocabulary by itself: a row for each, by its id, that says what the piece adds to the
 * meaning of a text. Rows are what is left without the mean of all, weighed by how rare the piece is; those of special
 * pieces are zero. The same model gives the same table.
 */
export async function distil(
  model: ReadyModel,
  vocabulary: Vocabulary,
  how: DistilOptions,
): Promise<QuantisedMatrix> {
  how.signal?.throwIfAborted();
  const pieces = orderPieces(vocabulary);
  const encoded = await encodePieces(model, pieces, how);
  const rows = Math.max(...vocabulary.ids.values()) + 1;
  const kept = Math.min(model.dimensions, mostDimensions);
  // In fours, as they are summed.
  const columns = Math.ceil(kept / 4) * 4;
  const values = new Float32Array(rows * columns);
  const mean = meanRow(encoded, model.dimensions);
  for (const [position, id] of pieces.entries()) {
    const weight = weightOf(position, pieces.length);
    for (let column = 0; column < kept; column += 1) {
      const value = encoded[position * model.dimensions + column] ?? 0;
      values[id * columns + column] = weight * (value - (mean[column] ?? 0));
    }
  }
  return quantiseRows({ shape: [rows, columns], values });
}

/** By its place in the order of frequency, which follows Zipf's law. */
function weightOf(position: number, pieces: number): number {
  const probability = 1 / ((position + 1) * Math.log(pieces));
  return halfWeight / (halfWeight + probability);
}

function meanRow(rows: Float32Array, columns: number): Float64Array {
  const mean = new Float64Array(columns);
  const count = rows.length / columns;
  for (let at = 0; at < rows.length; at += 1) {
    mean[at % columns] = (mean[at % columns] as number) + (rows[at] as number) / count;
  }
  return mean;
}

/** A row for each piece, in order. */
async function encodePieces(
  model: ReadyModel,
  pieces: readonly number[],
  { onProgress, signal }: DistilOptions,
): Promise<Float32Array> {
  const batches = Array.from({ length: Math.ceil(pieces.length / batchPieces) }, (_, position) =>
    pieces.slice(position * batchPieces, (position + 1) * batchPieces),
  );
  const rows = new Float32Array(pieces.length * model.dimensions);
  let done = 0;
  const ending = createStopFlag();
  const end = (): void => raise(ending);
  signal?.addEventListener('abort', end);
  const encode = async (first: number): Promise<void> => {
    const own = batches.filter((_batch, position) => position % threads === first);
    const request: DistilRequest = { model, batches: own, ending };
    const worker = spawnWorker(new URL('./distil-worker.ts', import.meta.url), request);
    let position = first;
    worker.on('message', (encoded: Float32Array) => {
      rows.set(encoded, position * batchPieces * model.dimensions);
      position += threads;
      done += encoded.length / model.dimensions;
      onProgress(done, pieces.length);
    });
    await once(worker, 'exit');
  };
  try {
    await Promise.all(Array.from({ length: threads }, (_, first) => encode(first)));
  } finally {
    signal?.removeEventListener('abort', end);
  }
  signal?.throwIfAborted();
  return rows;
}
