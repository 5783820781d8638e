import { createHash } from 'node:crypto';
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

/** The static encoder of a model; undefined where its table is missing, damaged or of another model. */
export async function loadStaticEncoder(model: ReadyModel): Promise<StaticEncoder | undefined> {
  const table = loadTable(join(model.directory, tableName), hashOf(model));
  const vocabulary = table && (await readVocabulary(join(model.directory, 'tokenizer.json')));
  return vocabulary && toEncoder(model, table, vocabulary);
}

/**
 * The static encoder of a model. Its table is distilled where it is missing or damaged, which takes the encoder some
 * ten seconds. Undefined for a model whose tokenizer is of another kind.
 */
export async function ensureStaticEncoder(
  options: EnsureStaticEncoderOptions,
): Promise<StaticEncoder | undefined> {
  const { model, logger, onProgress, signal } = options;
  const stored = await loadStaticEncoder(model);
  if (stored !== undefined) return stored;
  const vocabulary = await readVocabulary(join(model.directory, 'tokenizer.json'));
  if (vocabulary === undefined) {
    logger?.info({ model: model.modelId }, 'no first tier: the tokenizer is of another kind');
    return undefined;
  }
  const table = await distil(model, vocabulary, {
    signal,
    onProgress: (done, total) => onProgress?.(`Distilling the first tier: ${done} of ${total}`),
  });
  keep(model, table, logger);
  return toEncoder(model, table, vocabulary);
}

function toEncoder(
  model: ReadyModel,
  table: QuantisedMatrix,
  vocabulary: Vocabulary,
): StaticEncoder {
  const { modelId, maxTokens } = model;
  const encoder = { id: `${modelId}, static`, hash: hashOf(model), maxTokens };
  return createStaticEncoder({ table, vocabulary, encoder });
}

/** Without it the next start distils again. */
function keep(model: ReadyModel, table: QuantisedMatrix, logger: EmbedderLogger | undefined): void {
  try {
    saveTable(join(model.directory, tableName), table, hashOf(model));
  } catch (error) {
    logger?.warn({ reason: messageOf(error) }, 'the static table could not be stored');
  }
}

/** What the table is made of and how: processors round a little differently, which makes no other encoder. */
function hashOf({ encoderHash }: ReadyModel): string {
  return createHash('sha256').update(JSON.stringify({ encoderHash, recipeVersion })).digest('hex');
}
