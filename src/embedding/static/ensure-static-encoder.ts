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

export interface EnsureStaticEncoderOptions {
  readonly model: ReadyModel;
  readonly logger?: EmbedderLogger | undefined;
  readonly onProgress?: ((message: string) => void) | undefined;
}

/** Beside the model that it is made of. */
const tableName = 'static.bin';

/**
 * The static encoder of a model. Its table is distilled where it is missing or damaged, which takes the encoder some
 * ten seconds. Undefined for a model whose tokenizer is of another kind.
 */
export async function ensureStaticEncoder(
  options: EnsureStaticEncoderOptions,
): Promise<StaticEncoder | undefined> {
  const { model, logger } = options;
  const vocabulary = await readVocabulary(join(model.directory, 'tokenizer.json'));
  if (vocabulary === undefined) {
    logger?.info({ model: model.modelId }, 'no static tier: the tokenizer is of another kind');
    return undefined;
  }
  const hash = hashOf(model);
  const path = join(model.directory, tableName);
  const stored = loadTable(path, hash);
  const encoder = { id: `${model.modelId}, static`, hash, maxTokens: model.maxTokens };
  if (stored !== undefined) return createStaticEncoder({ table: stored, vocabulary, encoder });

  const table = await distil(model, vocabulary, (done, total) =>
    options.onProgress?.(`Distilling the static tier: ${done} of ${total}`),
  );
  keep(path, table, { hash, logger });
  return createStaticEncoder({ table, vocabulary, encoder });
}

/** Without it the next start distils again. */
function keep(
  path: string,
  table: QuantisedMatrix,
  { hash, logger }: { hash: string; logger: EmbedderLogger | undefined },
): void {
  try {
    saveTable(path, table, hash);
  } catch (error) {
    logger?.warn({ reason: messageOf(error) }, 'the static table could not be stored');
  }
}

/** What the table is made of and how: processors round a little differently, which makes no other encoder. */
function hashOf({ encoderHash }: ReadyModel): string {
  return createHash('sha256').update(JSON.stringify({ encoderHash, recipeVersion })).digest('hex');
}
