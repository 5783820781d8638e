import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toSparseFeatures } from '../../src/classifier/sparse-features.ts';
import { meanOfViews, toViews } from '../../src/classifier/views.ts';

const units = fc.string({ unit: 'binary', maxLength: 400 });

describe('the views of a text', () => {
  it('are one, trimmed, of a text that is short', () => {
    expect(toViews(' \n fix my loop\t')).toEqual(['fix my loop']);
    expect(toViews(`  ${'x'.repeat(320)}  `)).toEqual(['x'.repeat(320)]);
    expect(toViews('   ')).toEqual(['']);
  });

  it('are the two ends of one that is long', () => {
    const text = `\n${'a'.repeat(160)}${'pasted '.repeat(1000)}${'z'.repeat(160)} `;
    expect(toViews(text)).toEqual(['a'.repeat(160), 'z'.repeat(160)]);
    expect(toViews('x'.repeat(321)).map((view) => view.length)).toEqual([160, 160]);
  });

  it('are the opening and the closing paragraph where material is pasted between, however short', () => {
    const material = 'It was a dark night.\n'.repeat(9);
    expect(toViews(`Summarise the story below:\n${material}Use simple words.`)).toEqual([
      'Summarise the story below:',
      'Use simple words.',
    ]);
    expect(toViews(`tl;dr\n${'a long line '.repeat(20)}`)[0]).toMatch(/^tl;dr\na long line/);
    expect(toViews('Fix this:\nfor x in y')).toEqual(['Fix this:\nfor x in y']);
  });

  it('are never empty when the text says something, and never much to read', () => {
    const padded = fc
      .tuple(units, fc.nat(400), units)
      .map(([start, spaces, end]) => start + ' '.repeat(spaces) + end);
    fc.assert(
      fc.property(padded, (text) => {
        const views = toViews(text);
        expect(views.length).toBeLessThanOrEqual(2);
        expect(views.join('').length).toBeLessThanOrEqual(320);
        if (text.trim() !== '') expect(views.filter((view) => view.trim() === '')).toEqual([]);
      }),
    );
  });

  it('leave no trace of a character that they cut in half', () => {
    const letter = '\u{20000}';
    const features = toSparseFeatures(`${'a'.repeat(159)}${letter.repeat(400)}${'z'.repeat(159)}`);
    expect(toViews(letter.repeat(400)).map((view) => view.length)).toEqual([160, 160]);
    expect(features.get('a'.repeat(159))).toBe(1);
    expect(features.get('z'.repeat(159))).toBe(1);
    expect([...features.keys()].filter((feature) => /\p{Surrogate}/u.test(feature))).toEqual([]);
  });
});

describe('the mean of the views', () => {
  const view = fc
    .array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 4, maxLength: 4 })
    .filter((values) => Math.hypot(...values) > 1e-3)
    .map((values) => Float32Array.from(values, (value) => value / Math.hypot(...values)));

  it('has unit length', () => {
    fc.assert(
      fc.property(fc.array(view, { minLength: 1, maxLength: 3 }), (views) => {
        expect(Math.hypot(...meanOfViews(views))).toBeCloseTo(1, 4);
      }),
    );
  });

  it('lies halfway between two', () => {
    const half = Math.fround(Math.SQRT1_2);
    expect(meanOfViews([Float32Array.of(1, 0), Float32Array.of(0, 1)])).toEqual(
      Float32Array.of(half, half),
    );
  });

  it('is the view itself when there is one', () => {
    const only = Float32Array.of(0.6, 0.8);
    expect(meanOfViews([only])).toBe(only);
  });

  it('is the first view when they cancel out', () => {
    expect(meanOfViews([Float32Array.of(0.6, 0.8), Float32Array.of(-0.6, -0.8)])).toEqual(
      Float32Array.of(0.6, 0.8),
    );
  });

  it('does not exist without views', () => {
    expect(() => meanOfViews([])).toThrow(RangeError);
  });
});
