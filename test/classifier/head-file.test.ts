import { createHash } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadHead, type Provenance, saveHead } from '../../src/classifier/head-file.ts';
import { predict } from '../../src/classifier/linear-head.ts';
import { trainHead } from '../../src/classifier/train-head.ts';
import { makeTempDirectory } from '../support/temp-directory.ts';
import { settings, toyInputs } from './toy-inputs.ts';

const inputs = toyInputs({ coding: 5, math: 5 });
const head = trainHead(inputs, settings);
const provenance: Provenance = { encoderHash: 'encoder', exampleSetHash: 'examples', settings };

/** The path of a head that has been saved. */
function saved(): string {
  const path = join(makeTempDirectory(), 'head.bin');
  saveHead(path, head, provenance);
  return path;
}

describe('a stored head', () => {
  it('predicts what it predicted before, to the last bit', () => {
    const loaded = loadHead(saved(), { ...provenance, settings: structuredClone(settings) });
    if (loaded === undefined) throw new Error('The head is there.');
    expect(loaded).toEqual({ head, isOfTheseExamples: true });
    for (const input of inputs) {
      expect(predict(loaded.head, input)).toEqual(predict(head, input));
    }
  });

  it('reads what came before a text as before, where it was taught to', () => {
    const path = join(makeTempDirectory(), 'head.bin');
    const before = { context: Float32Array.of(0, 0, 0, 0, 0, 0, 0, 1), reply: 'said before' };
    const [first, ...others] = inputs.map((input) => ({ ...input, before }));
    if (first === undefined) throw new Error('There are inputs.');
    const reading = trainHead([first, ...others, ...inputs], settings);
    saveHead(path, reading, provenance);
    const loaded = loadHead(path, provenance);
    expect(loaded?.head).toEqual(reading);
    expect(predict(loaded?.head ?? head, first)).toEqual(predict(reading, first));
    expect(predict(reading, first)).not.toEqual(predict(reading, { ...first, before: undefined }));
  });

  it('is not used when there is none', () => {
    expect(loadHead(join(makeTempDirectory(), 'head.bin'), provenance)).toBeUndefined();
    expect(loadHead(makeTempDirectory(), provenance)).toBeUndefined();
  });

  it('is not used when a byte of it is damaged, wherever it stands', () => {
    const path = saved();
    const intact = readFileSync(path);
    const positions = [0, 31, 32, 33, 60, Math.floor(intact.length / 2), intact.length - 1];
    for (const position of positions) {
      const damaged = Buffer.from(intact);
      damaged[position] = (damaged[position] ?? 0) ^ 1;
      writeFileSync(path, damaged);
      expect(loadHead(path, provenance)).toBeUndefined();
    }
  });

  it('is not used when it is cut short, or goes on after its end', () => {
    const path = saved();
    const intact = readFileSync(path);
    for (const length of [0, 1, 32, 33, Math.floor(intact.length / 2), intact.length - 1]) {
      writeFileSync(path, intact.subarray(0, length));
      expect(loadHead(path, provenance)).toBeUndefined();
    }
    writeFileSync(path, Buffer.concat([intact, Buffer.alloc(1)]));
    expect(loadHead(path, provenance)).toBeUndefined();
  });

  it.each<[string, Partial<Provenance>]>([
    ['another encoder', { encoderHash: 'other' }],
    ['another seed', { settings: { ...settings, seed: 2 } }],
    ['more epochs', { settings: { ...settings, epochs: 11 } }],
    ['other scales', { settings: { ...settings, scales: { dense: 2, sparse: 4 } } }],
  ])('is not used for %s', (_, difference) => {
    expect(loadHead(saved(), { ...provenance, ...difference })).toBeUndefined();
  });

  it('says when it was fitted on other examples', () => {
    expect(loadHead(saved(), { ...provenance, exampleSetHash: 'other' })).toEqual({
      head,
      isOfTheseExamples: false,
    });
  });

  it('is not used when its format is another', () => {
    const path = saved();
    const content = readFileSync(path).subarray(32).toString('latin1');
    const other = Buffer.from(
      content.replace(
        /"formatVersion":(\d)/,
        (_, version) => `"formatVersion":${Number(version) + 1}`,
      ),
      'latin1',
    );
    expect(other.equals(Buffer.from(content, 'latin1'))).toBe(false);
    writeFileSync(path, Buffer.concat([createHash('sha256').update(other).digest(), other]));
    expect(loadHead(path, provenance)).toBeUndefined();
  });
});

describe('saving a head', () => {
  it('replaces the file as a whole: who is reading the old one reads on', () => {
    const path = saved();
    const before = readFileSync(path);
    const handle = openSync(path, 'r');
    try {
      const next = trainHead(inputs, { ...settings, seed: 2 });
      saveHead(path, next, provenance);
      expect(readFileSync(handle)).toEqual(before);
      expect(loadHead(path, provenance)?.head).toEqual(next);
    } finally {
      closeSync(handle);
    }
    expect(readdirSync(join(path, '..'))).toEqual(['head.bin']);
  });

  it('leaves nothing behind when it fails', () => {
    const directory = makeTempDirectory();
    const path = join(directory, 'head.bin');
    mkdirSync(path);
    expect(() => saveHead(path, head, provenance)).toThrow();
    expect(readdirSync(directory)).toEqual(['head.bin']);
  });
});
