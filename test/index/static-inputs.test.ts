import { describe, expect, it } from 'vitest';
import { toStaticInputs } from '../../src/index/static-inputs.ts';
import { toyStaticEncoder } from '../embedding/static/toy-static-encoder.ts';

const encoder = toyStaticEncoder();
const ofTransformer = Float32Array.of(1, 2, 3);

function input(text: string) {
  return { text, className: 'coding', vectors: [ofTransformer], vector: ofTransformer };
}

describe('what the static head is taught', () => {
  it('is what its own encoder reads of each view, and all else as it was', async () => {
    const long = `hello ${'list '.repeat(100)}`;
    const [short, ofEnds] = await toStaticInputs([input('sort'), input(long)], encoder);
    expect(short).toMatchObject({ text: 'sort', className: 'coding', vector: ofTransformer });
    expect(short?.vectors).toEqual([encoder.embed('sort')?.features]);
    expect(ofEnds?.vectors).toHaveLength(2);
  });

  it('says nothing of a text without a word that it knows', async () => {
    const [unheard] = await toStaticInputs([input('unheard')], encoder);
    expect(unheard?.vectors).toEqual([Float32Array.of(0, 0)]);
  });

  it('leaves out what came before', async () => {
    const before = { context: ofTransformer, reply: 'done' };
    const [following] = await toStaticInputs([{ ...input('sort'), before }], encoder);
    expect(following?.before).toBeUndefined();
  });
});
