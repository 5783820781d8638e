import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { replaceFile } from '../src/replace-file.ts';

const directory = mkdtempSync(join(tmpdir(), 'switchyard-'));
afterAll(() => rmSync(directory, { recursive: true }));

describe('a file that is replaced', () => {
  it('has the new content, and nothing lies beside it', () => {
    const path = join(directory, 'file');
    writeFileSync(path, 'old and longer');
    replaceFile(path, 'new');
    expect(readFileSync(path, 'utf8')).toBe('new');
    expect(readdirSync(directory)).toEqual(['file']);
  });

  it('is left as it was where it can not be', () => {
    const before = readdirSync(directory);
    expect(() => replaceFile(directory, 'a file instead of a directory')).toThrow();
    expect(() => replaceFile(join(directory, 'absent', 'file'), 'new')).toThrow(/ENOENT/);
    expect(readdirSync(directory)).toEqual(before);
  });
});
