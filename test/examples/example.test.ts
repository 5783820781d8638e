import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createExample, exampleId, exampleSetHash } from '../../src/examples/example.ts';
import { normaliseText } from '../../src/normalise-text.ts';

describe('normalising a text', () => {
  it.each([
    ['Hello World', 'hello world'],
    ['  hello \t\n world\r\n', 'hello world'],
    ['hello\u00a0world', 'hello world'],
    ['ﬁne ＦＵＬＬ①', 'fine full1'],
    ['cafe\u0301', 'caf\u00e9'],
    [' \n\u3000', ''],
  ])('%j becomes %j', (text, normalised) => {
    expect(normaliseText(text)).toBe(normalised);
  });

  it('leaves what makes a difference', () => {
    const texts = ['a b', 'ab', 'a-b', 'a b?', 'á b'];
    expect(new Set(texts.map(normaliseText)).size).toBe(texts.length);
  });

  it('changes nothing the second time', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary-ascii' }), (text) => {
        expect(normaliseText(normaliseText(text))).toBe(normaliseText(text));
      }),
    );
  });
});

describe('the id of an example', () => {
  it('stays the same from version to version', () => {
    expect(exampleId('Write a haiku', 'creative-writing')).toBe('b4d08216c919');
  });

  it('depends on neither case nor spacing nor Unicode form', () => {
    const id = exampleId('Write a café haiku', 'chat');
    expect(exampleId(' WRITE  a\ncafe\u0301 haiku ', 'chat')).toBe(id);
    expect(id).toMatch(/^[0-9a-f]{12}$/);
  });

  it('depends on the class', () => {
    expect(exampleId('hello', 'chat')).not.toBe(exampleId('hello', 'coding'));
  });
});

describe('the hash of a set of examples', () => {
  const examples = fc
    .uniqueArray(fc.string({ minLength: 1 }), { minLength: 1 })
    .map((texts) => texts.map((text) => createExample({ text, class: 'chat' }, 'dataset')));

  it('does not depend on their order', () => {
    const shuffled = examples.chain((all) =>
      fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
    );
    fc.assert(
      fc.property(shuffled, ([all, others]) => {
        expect(exampleSetHash(others)).toBe(exampleSetHash(all));
      }),
    );
  });

  it('changes with every example', () => {
    fc.assert(
      fc.property(examples, (all) => {
        expect(exampleSetHash(all.slice(1))).not.toBe(exampleSetHash(all));
      }),
    );
  });

  it('does not depend on where an example comes from', () => {
    const line = { text: 'hello', class: 'chat' };
    const hash = exampleSetHash([createExample(line, 'dataset')]);
    expect(exampleSetHash([createExample(line, 'journal')])).toBe(hash);
  });
});
