import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isIntact, writeManifest } from '../../../src/embedding/compile/model-manifest.ts';

const contents = { files: ['a.json', 'b.onnx'], sourceSha256: 'source' };
let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'switchyard-manifest-'));
  await writeFile(join(directory, 'a.json'), '{}');
  await writeFile(join(directory, 'b.onnx'), '0123456789');
  await writeManifest(directory, contents);
});
afterEach(() => rm(directory, { recursive: true, force: true }));

async function change(key: string, value: unknown): Promise<void> {
  const path = join(directory, 'switchyard.json');
  const manifest: object = JSON.parse(await readFile(path, 'utf8'));
  await writeFile(path, JSON.stringify({ ...manifest, [key]: value }));
}

describe('isIntact', () => {
  it('is true of what was written', async () => {
    expect(await isIntact(directory, contents)).toBe(true);
  });

  it.each<[string, () => Promise<void>]>([
    ['a file is missing', () => rm(join(directory, 'a.json'))],
    ['a file is shorter', () => writeFile(join(directory, 'b.onnx'), '012345678')],
    ['a byte is another', () => writeFile(join(directory, 'b.onnx'), '0123456780')],
    ['there is no manifest', () => rm(join(directory, 'switchyard.json'))],
    ['the manifest is cut short', () => writeFile(join(directory, 'switchyard.json'), '{"form')],
    ['the manifest lists no files', () => change('files', {})],
    ['an older compiler made it', () => change('compilerVersion', 1)],
    ['it was made from other weights', () => change('sourceSha256', 'other')],
    ['it is of another format', () => change('formatVersion', 2)],
    ['there is nothing at all', () => rm(directory, { recursive: true })],
  ])('is false when %s', async (_, damage) => {
    await damage();
    expect(await isIntact(directory, contents)).toBe(false);
  });
});
