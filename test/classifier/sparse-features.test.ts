import { describe, expect, it } from 'vitest';
import { toSparseFeatures } from '../../src/classifier/sparse-features.ts';

/** The features of a text that are marks of its looks, not words. */
function marksOf(text: string): string[] {
  return [...toSparseFeatures(text).keys()].filter((feature) => /^#[a-z]+$/.test(feature));
}

describe('sparse features', () => {
  it('count words and word pairs, whatever their case and form', () => {
    const features = toSparseFeatures('Write, WRITE ｗｒｉｔｅ a poem');
    const [atEnd, oneIn, twoIn] = [1, Math.exp(-0.05), Math.exp(-0.1)];
    expect(features.get('write')).toBeCloseTo(atEnd + oneIn + twoIn, 9);
    expect(features.get('write write')).toBeCloseTo(oneIn + twoIn, 9);
    expect(features.get('write a')).toBeCloseTo(oneIn, 9);
    expect(features.get('a poem')).toBe(atEnd);
    expect(features.has('poem write')).toBe(false);
  });

  it('hear a word at either end of the prompt, and less one in the middle of it', () => {
    const filler = 'word '.repeat(29);
    const heard = (text: string): number => toSparseFeatures(text).get('summarise') ?? 0;
    expect(heard(`summarise ${filler}${filler}`)).toBe(1);
    expect(heard(`${filler}${filler}summarise`)).toBe(1);
    expect(heard(`${filler}summarise ${filler}`)).toBeLessThan(0.25);
    // The inner ends of the two views of a long prompt are no ends of the prompt.
    expect(
      heard(`${'x'.repeat(140)} ${filler}summarise\n${filler}${'x'.repeat(140)}`),
    ).toBeLessThan(0.25);
  });

  it('tell how a text opens and ends', () => {
    const features = toSparseFeatures('How do I sort this?');
    expect([...features.keys()].filter((feature) => /^[\^$]/.test(feature))).toEqual([
      '^how',
      '^how do',
      '$?',
    ]);
  });

  it('hear each of the first ten words of a longer text as its opening', () => {
    const words = Array.from({ length: 21 }, (_, index) => `w${index}`);
    const opening = (text: string): string[] =>
      [...toSparseFeatures(text).keys()].filter((feature) => /^\^\S+$/.test(feature));
    expect(opening(words.join(' '))).toEqual(words.slice(0, 10).map((each) => `^${each}`));
    expect(opening(words.slice(0, 20).join(' '))).toEqual(['^w0']);
  });

  it('read the ends of a long text and not what stands between', () => {
    const around = (material: string): string =>
      `Summarise this. ${'before '.repeat(30)}${material}${'after '.repeat(30)}Keep it short`;
    const features = toSparseFeatures(around('secret '.repeat(300)));
    expect(features.has('^summarise')).toBe(true);
    expect(features.has('$short')).toBe(true);
    expect(features.has('secret')).toBe(false);
    expect(features.has('before after')).toBe(false);
    expect(features).toEqual(toSparseFeatures(around('hidden '.repeat(300))));
  });

  it('read the sentences of scripts without spaces sign by sign', () => {
    const features = toSparseFeatures('请翻译这句python代码');
    expect([...features.keys()]).toEqual(
      expect.arrayContaining(['翻 译', '译 这', '句 python', 'python 代', '$码']),
    );
    expect(toSparseFeatures('번역해줘').has('번 역')).toBe(true);
    expect(toSparseFeatures('ช่วยเขียน').has('ช่ ว')).toBe(true);
    expect(toSparseFeatures('मुझे हिंदी में').has('मुझे हिंदी')).toBe(true);
  });

  it('are numbers for signs that stand for several words', () => {
    const features = toSparseFeatures('ﷺ '.repeat(159));
    expect([...features.values()].every((weight) => weight > 0)).toBe(true);
  });

  it('hold every number for the same, but not a name with digits', () => {
    expect(toSparseFeatures('add 7 and 1234')).toEqual(toSparseFeatures('add 8 and 5678'));
    expect(toSparseFeatures('add 7').get('add 0')).toBe(1);
    expect(toSparseFeatures('utf8').has('utf8')).toBe(true);
  });

  it.each([
    ['```\nls\n```', ['#code']],
    ['if (x) {\n  run;\n}', ['#code']],
    ['items.map((item) => item)', ['#code']],
    ['why does main() fail', ['#code']],
    ['close the <div> here', ['#code']],
    ['a set {1, 2}; and 3 < 4', []],
    ['who was that? \n', ['#question']],
    ['他是谁？', ['#question', '#foreign']],
    ['who? tell me', []],
    ['что это', ['#foreign']],
    ['どうして?', ['#question', '#foreign']],
    ['a naïve café', []],
    ['well 😀😀 done', []],
    ['well 😀😀😀 done', ['#foreign']],
  ])('mark the looks of %j', (text, marks) => {
    expect(marksOf(text)).toEqual(marks);
  });

  it('tell lengths apart by magnitude, up to a largest', () => {
    const sizeOf = (text: string): string[] =>
      [...toSparseFeatures(text).keys()].filter((feature) => /^#(length|lines) /.test(feature));
    expect(sizeOf('hi')).toEqual(['#length 1', '#lines 1']);
    expect(sizeOf('a\nb\nc\nd'.repeat(10))).toEqual(['#length 4', '#lines 5']);
    expect(sizeOf('a\n'.repeat(1000))).toEqual(sizeOf('a\n'.repeat(500_000)));
  });

  it('of an empty text are those of its looks', () => {
    expect([...toSparseFeatures('  ').keys()].filter((feature) => feature.startsWith('#'))).toEqual(
      ['#length 0', '#lines 1'],
    );
  });

  it.each([
    ['words', 'lorem ipsum '],
    ['one word', 'a'],
    ['open tags', '<a'],
    ['braces and spaces', '{ '],
    ['questions', '? '],
    ['spaces', ' '],
    ['foreign letters', '漢'],
    ['accents', 'aé'],
  ])('are few and soon found in a megabyte of %s', (_, piece) => {
    const text = `${piece.repeat(1_000_000 / piece.length)}x`;
    const startedAtMs = performance.now();
    expect(toSparseFeatures(text).size).toBeLessThan(300);
    // It takes a few; anything that is quadratic takes minutes.
    expect(performance.now() - startedAtMs).toBeLessThan(500);
  });

  it('stand in the largest foreign text that a request can carry', () => {
    expect(marksOf('漢'.repeat(11_000_000))).toEqual(['#foreign']);
  });
});
