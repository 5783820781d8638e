import { z } from 'zod';

/** Longest input in tokens, special tokens included: what the model was trained with. */
const maxTokens = 256;

/** What transformers.js reads beside tokenizer.json. */
export const tokenizerConfig = {
  tokenizer_class: 'BertTokenizer',
  do_lower_case: true,
  model_max_length: maxTokens,
  cls_token: '[CLS]',
  mask_token: '[MASK]',
  pad_token: '[PAD]',
  sep_token: '[SEP]',
  unk_token: '[UNK]',
};

/**
 * The tokenizer without its fixed padding and truncation, which would make every prompt 128 tokens long.
 * The caller pads to the longest of a batch and truncates, keeping the closing special token.
 */
export function toTokenizer(bytes: Uint8Array): string {
  const tokenizer = z.looseObject({}).parse(JSON.parse(new TextDecoder().decode(bytes)));
  return JSON.stringify({ ...tokenizer, padding: null, truncation: null });
}
