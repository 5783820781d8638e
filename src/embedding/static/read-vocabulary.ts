import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { Vocabulary } from './word-pieces.ts';

/** The one kind of tokenizer that `createWordPieces` stands in for. */
const tokenizerSchema = z.object({
  added_tokens: z.array(
    z.object({
      id: z.int(),
      content: z.string(),
      normalized: z.literal(false),
      lstrip: z.literal(false),
      rstrip: z.literal(false),
    }),
  ),
  normalizer: z.object({
    type: z.literal('BertNormalizer'),
    clean_text: z.literal(true),
    handle_chinese_chars: z.literal(true),
    strip_accents: z.union([z.literal(true), z.null()]),
    lowercase: z.literal(true),
  }),
  pre_tokenizer: z.object({ type: z.literal('BertPreTokenizer') }),
  model: z.object({
    type: z.literal('WordPiece').default('WordPiece'),
    unk_token: z.string(),
    continuing_subword_prefix: z.literal('##'),
    max_input_chars_per_word: z.int(),
    vocab: z.record(z.string(), z.int()),
  }),
});

/** The vocabulary in a tokenizer.json; undefined where a text is cut in another way. Rejects when it can't be read. */
export async function readVocabulary(path: string): Promise<Vocabulary | undefined> {
  const parsed = tokenizerSchema.safeParse(JSON.parse(await readFile(path, 'utf8')));
  if (!parsed.success) return undefined;
  const { model, added_tokens } = parsed.data;
  const ids = new Map(Object.entries(model.vocab));
  const unknownId = ids.get(model.unk_token);
  if (unknownId === undefined) return undefined;
  return {
    ids,
    special: added_tokens.map(({ content }) => content),
    unknownId,
    longestWord: model.max_input_chars_per_word,
  };
}
