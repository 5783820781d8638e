import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ReadyModel } from '../../../src/embedding/model-files.ts';
import { ensureStaticEncoder } from '../../../src/embedding/static/ensure-static-encoder.ts';
import { writeTinyModel } from '../tiny-model.ts';

let model: ReadyModel;
let table: string;
const progress: string[] = [];

beforeAll(async () => {
  const tiny = await writeTinyModel();
  model = tiny.model;
  table = join(model.directory, 'static.bin');
  await open();
  return tiny.remove;
});

function open() {
  progress.length = 0;
  return ensureStaticEncoder({ model, onProgress: (message) => progress.push(message) });
}

describe('the static encoder of a model', () => {
  it('is distilled once and kept beside the model', async () => {
    const encoder = await open();
    expect(progress).toEqual([]);
    expect(encoder?.embed('hello you')?.tokens).toBe(2);
  });

  it('is distilled again where its file is gone, and is the same', async () => {
    const first = await readFile(table);
    await rm(table);
    await open();
    expect(progress.at(-1)).toBe('Distilling the first tier: 29523 of 29523');
    expect(await readFile(table)).toEqual(first);
  });

  it('is called off before it begins or while it is under way, and leaves no file', async () => {
    const kept = await readFile(table);
    await rm(table);
    const stop = new AbortController();
    const openOnce = () =>
      ensureStaticEncoder({
        model,
        onProgress(message) {
          progress.push(message);
          stop.abort();
        },
        signal: stop.signal,
      });
    await expect(openOnce()).rejects.toMatchObject({ name: 'AbortError' });
    progress.length = 0;
    await expect(openOnce()).rejects.toMatchObject({ name: 'AbortError' });
    expect(progress).toEqual([]);
    await expect(readFile(table)).rejects.toMatchObject({ code: 'ENOENT' });
    await writeFile(table, kept);
  });

  it('is none for a tokenizer of another kind', async () => {
    const path = join(model.directory, 'tokenizer.json');
    const original = await readFile(path, 'utf8');
    const tokenizer = JSON.parse(original);
    await writeFile(path, JSON.stringify({ ...tokenizer, normalizer: null }));
    expect(await open()).toBeUndefined();
    await writeFile(path, original);
  });
});
