import { describe, expect, it } from 'vitest';
import { quantiseRows } from '../../../src/embedding/compile/quantise.ts';
import { createStaticEncoder } from '../../../src/embedding/static/static-encoder.ts';

const vocabulary = {
  ids: new Map(['[UNK]', 'sun', 'moon', '##s'].map((piece, id) => [piece, id])),
  special: ['[UNK]'],
  unknownId: 0,
  longestWord: 100,
};
const values = Float32Array.of(0, 0, 3, 0, 0, 4, 0, 0);
const encoder = createStaticEncoder({
  table: quantiseRows({ shape: [4, 2], values }),
  vocabulary,
  encoder: { id: 'toy', hash: 'toy', maxTokens: 3 },
});

describe('a static vector', () => {
  it('is the sum of its pieces at unit length, in any order', () => {
    const embedding = encoder.embed('sun moon');
    expect(embedding?.vector[0]).toBeCloseTo(0.6);
    expect(embedding?.vector[1]).toBeCloseTo(0.8);
    expect(encoder.embed('Moon, suns!')?.vector).toEqual(embedding?.vector);
  });

  it('is all that the head reads, too', () => {
    const embedding = encoder.embed('sun');
    expect(embedding?.features).toBe(embedding?.vector);
    expect(encoder.encoder).toMatchObject({ dimensions: 2, featureDimensions: 2 });
  });

  it('is made of as many tokens as the model itself would read', () => {
    const cut = encoder.embed('sun sun sun moon');
    expect(cut).toMatchObject({ tokens: 3, truncated: true });
    expect(cut?.vector).toEqual(encoder.embed('sun')?.vector);
  });

  it('is none where there is no word that is known', () => {
    expect(encoder.embed('')).toBeUndefined();
    expect(encoder.embed('star [UNK]')).toBeUndefined();
  });
});
