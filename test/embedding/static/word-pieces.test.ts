import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { AutoTokenizer, env, type PreTrainedTokenizer } from '@xenova/transformers';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { readVocabulary } from '../../../src/embedding/static/read-vocabulary.ts';
import { createWordPieces } from '../../../src/embedding/static/word-pieces.ts';
import { writeTinyModel } from '../tiny-model.ts';

let tokenizer: PreTrainedTokenizer;
let toPieces: (text: string) => number[];
let directory: string;

beforeAll(async () => {
  const { model, remove } = await writeTinyModel();
  directory = model.directory;
  env.allowRemoteModels = false;
  env.localModelPath = model.modelsDir;
  tokenizer = await AutoTokenizer.from_pretrained(model.modelId);
  const vocabulary = await readVocabulary(`${directory}/tokenizer.json`);
  if (vocabulary === undefined)
    throw new Error('The bundled tokenizer should be one that is known.');
  toPieces = createWordPieces(vocabulary);
  return remove;
});

/** Without what opens and closes an input. */
function ofTheLibrary(text: string): number[] {
  return tokenizer.encode(text, { add_special_tokens: false });
}

describe('word pieces', () => {
  it.each([
    ['words and signs', "Don't stop -- it's $5.00, e-mail a_b@c.org (50 %)?!"],
    ['words of several pieces', 'hyperparameterization of electroencephalographically'],
    ['accents', 'Naïve Café, Ünïcödé, e\u0301 İstanbul ẞ'],
    ['other scripts', 'Привет мир, γειά σου, हिन्दी, 한국어, ありがとう, שלום'],
    ['ideographs', '你好,世界 abc中文def 𠀀𠀁'],
    ['emoji and joiners', '👩‍👩‍👧 ok 👍🏽 a\u200db'],
    ['typographic signs', '“quoted” – ‘this’… ½ ﬁ ™ ₿'],
    ['white space of every kind', 'a\u00a0b\u3000c\u2028d\te\r\nf  \ufeffg'],
    ['control characters and half pairs', 'a\u0000b\u0007c\u0085d\x0be\ud800f\udc00g\ufffdh'],
    ['special pieces, and what looks like them', '[MASK] x[SEP]y [mask] [CLS [UNK]]'],
    ['words that are too long', `${'a'.repeat(100)} ${'b'.repeat(101)}`],
    ['nothing', ' \n'],
  ])('are those of the encoder for %s', (_what, text) => {
    expect(toPieces(text)).toEqual(ofTheLibrary(text));
  });

  it('are those of the encoder for every shipped example', () => {
    const folder = new URL('../../../datasets/examples/', import.meta.url);
    for (const name of ['coding', 'translation', 'math', 'chat']) {
      const lines = readFileSync(fileURLToPath(new URL(`${name}.jsonl`, folder)), 'utf8').trim();
      for (const line of lines.split('\n')) {
        const { text } = JSON.parse(line) as { text: string };
        expect(toPieces(text), text).toEqual(ofTheLibrary(text));
      }
    }
  });

  it('are those of the encoder for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        expect(toPieces(text)).toEqual(ofTheLibrary(text));
      }),
      { numRuns: 500 },
    );
  });
});
