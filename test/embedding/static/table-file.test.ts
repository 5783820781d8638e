import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { quantiseRows } from '../../../src/embedding/compile/quantise.ts';
import { loadTable, saveTable } from '../../../src/embedding/static/table-file.ts';
import { makeTempDirectory } from '../../support/temp-directory.ts';

const table = quantiseRows({ shape: [2, 3], values: Float32Array.of(1, -2, 0.5, 0, 3, 0) });

function save(): string {
  const path = join(makeTempDirectory(), 'static.bin');
  saveTable(path, table, 'abc');
  return path;
}

describe('the file of a static table', () => {
  it('gives back what was stored', () => {
    expect(loadTable(save(), 'abc')).toEqual(table);
  });

  it('is not used for another encoder', () => {
    expect(loadTable(save(), 'abcd')).toBeUndefined();
  });

  it.each([
    ['is not there', () => undefined],
    ['is empty', () => Buffer.alloc(0)],
    ['is cut short', (file: Buffer) => file.subarray(0, -1)],
    ['has a damaged byte', (file: Buffer) => file.fill(1, file.length - 1)],
  ])('is not used when it %s', (_how, damage) => {
    const path = save();
    const damaged = damage(readFileSync(path));
    if (damaged !== undefined) writeFileSync(path, damaged);
    expect(loadTable(damaged === undefined ? `${path}.none` : path, 'abc')).toBeUndefined();
  });
});
