import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../../errors.ts';
import type { QuantisedMatrix } from '../compile/quantise.ts';
import type { EmbedderLogger } from '../embedder.ts';
import type { ReadyModel } from '../model-files.ts';
import { distil, recipeVersion } from './distil.ts';
import { readVocabulary } from './read-vocabulary.ts';
import { createStaticEncoder, type StaticEncoder } from './static-encoder.ts';
import { loadTable, saveTable } from './table-file.ts';
import type { Vocabulary } from './word-pieces.ts';

export interface EnsureStaticEncoderOptions {
  readonly model: ReadyModel;
  readonly logger?: EmbedderLogger | undefined;
  readonly onProgress?: ((message: string) => void) | undefined;
  /** Ends the distilling, which then rejects. */
  readonly signal?: AbortSignal | undefined;
}

/** Beside the model that it is made of. */
const tableName = 'static.bin';

/** Whether there is a table, which may yet prove damaged. */
export function hasTable(model: ReadyModel): boolean {
  return existsSync(tablePath(model));
}

/** What the static encoder is made of and how: processors round a little differently, which makes no other encoder. */
export function staticHashOf({ encoderHash }: ReadyModel): string {
  return createHash('sha256').update(JSON.stringify({ encoderHash, recipeVersion })).digest('hex');
}

/**
 * The static encoder of a model. Its table is distilled where it is missing or damaged, which takes the encoder some
 * ten seconds. Undefined for a model whose tokenizer is of another kind.
 */
export async function ensureStaticEncoder(
  options: EnsureStaticEncoderOptions,
): Promise<StaticEncoder | undefined> {
  const { model, logger, onProgress, signal } = options;
  const vocabulary = await readVocabulary(join(model.directory, 'tokenizer.json'));
  if (vocabulary === undefined) {
    logger?.info({ model: model.modelId }, 'no first tier: the tokenizer is of another kind');
    return undefined;
  }
  const stored = loadTable(tablePath(model), staticHashOf(model));
  if (stored !== undefined) return toEncoder(model, stored, vocabulary);
  const table = await distil(model, vocabulary, {
    signal,
    onProgress: (done, total) => onProgress?.(`Distilling the first tier: ${done} of ${total}`),
  });
  keep(model, table, logger);
  return toEncoder(model, table, vocabulary);
}

function tablePath({ directory }: ReadyModel): string {
  return join(directory, tableName);
}

function toEncoder(
  model: ReadyModel,
  table: QuantisedMatrix,
  vocabulary: Vocabulary,
): StaticEncoder {
  const { modelId, maxTokens } = model;
  const encoder = { id: `${modelId}, static`, hash: staticHashOf(model), maxTokens };
  return createStaticEncoder({ table, vocabulary, encoder });
}

/** Without it the next start distils again. */
function keep(model: ReadyModel, table: QuantisedMatrix, logger: EmbedderLogger | undefined): void {
  try {
    saveTable(tablePath(model), table, staticHashOf(model));
  } catch (error) {
    logger?.warn({ reason: messageOf(error) }, 'the static table could not be stored');
  }
}
