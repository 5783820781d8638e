import { describe, expect, it } from 'vitest';
import { toSparseIds } from '../../src/classifier/feature-ids.ts';
import { readText } from '../../src/classifier/read-text.ts';
import { toViews } from '../../src/classifier/views.ts';

const texts = ['Hello, could you please sort this list? Thanks!', 'x '.repeat(5_000), '', '你好'];

describe('a text that is read', () => {
  it.each(texts)('has the views and the features that examples are taught with: %.20s', (text) => {
    const read = readText(text);
    expect(read.sparse).toEqual(toSparseIds(text));
    expect(read.views).toEqual(toViews(text));
  });

  it('is read once', () => {
    const read = readText('sort a list');
    expect(read.views).toBe(read.views);
    expect(read.sparse).toBe(read.sparse);
  });
});
