import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { DatasetError } from '../../src/examples/dataset.ts';
import { type Journal, openJournal, readJournal } from '../../src/examples/journal.ts';
import { makeTempDirectory } from '../support/temp-directory.ts';
import { writeJournal } from './example-files.ts';

const at = '2026-01-02T03:04:05.000Z';
const added = { op: 'add', text: 'Grüße,\n"Welt" 🎉', class: 'chat', at } as const;
const removed = { op: 'remove', id: '0123456789ab', at } as const;

function open(path: string): Journal {
  const journal = openJournal(path);
  onTestFinished(() => journal.close());
  return journal;
}

describe('the journal', () => {
  it('begins empty, in a directory that it makes', () => {
    const path = join(makeTempDirectory(), 'data', 'deep', 'journal.jsonl');
    expect(open(path).entries).toEqual([]);
    expect(statSync(path).size).toBe(0);
  });

  it('survives being opened again, and goes on where it ended', () => {
    const path = writeJournal();
    const first = openJournal(path);
    first.append(added);
    expect(first.entries).toEqual([added]);
    first.close();
    open(path).append(removed);
    expect(open(path).entries).toEqual([added, removed]);
  });

  it('has an entry on the disk as soon as it is appended', () => {
    const path = writeJournal();
    open(path).append(added);
    expect(readJournal(path).entries).toEqual([added]);
  });

  it('drops a last line that was cut short, wherever the cut is', () => {
    const bytes = Buffer.from(JSON.stringify(added));
    for (let length = 1; length <= bytes.length; length += 1) {
      const path = writeJournal(removed);
      appendFileSync(path, bytes.subarray(0, length));
      const journal = open(path);
      expect(journal.entries).toEqual([removed]);
      journal.append(added);
      expect(open(path).entries).toEqual([removed, added]);
    }
  });

  it('reports damaged lines before the last and then leaves the file as it is', () => {
    const path = writeJournal(added, 'damaged\n', { op: 'rename', at }, removed, '{"op":"ad');
    const before = readFileSync(path);
    for (const openAgain of [openJournal, readJournal]) {
      expect(() => openAgain(path)).toThrow(DatasetError);
      expect(() => openAgain(path)).toThrow(
        `  ${path}:2: not an entry of the journal\n  ${path}:3: not an entry of the journal`,
      );
    }
    expect(readFileSync(path)).toEqual(before);
  });

  // A file can be kept from growing on POSIX systems only.
  it.skipIf(process.platform === 'win32')(
    'is as before when the disk takes an entry in part only',
    () => {
      const path = writeJournal(added);
      const before = readFileSync(path);
      const script = fileURLToPath(new URL('append-to-full-disk.ts', import.meta.url));
      const output = execFileSync(
        'sh',
        ['-c', 'ulimit -f 1 && exec "$0" --import tsx "$1" "$2"', process.execPath, script, path],
        { encoding: 'utf8', env: { ...process.env, TSX_DISABLE_CACHE: '1' } },
      );
      expect(JSON.parse(output)).toEqual({ refused: 'EFBIG', entries: [added, removed] });
      expect(readFileSync(path, 'utf8')).toBe(`${before}${JSON.stringify(removed)}\n`);
    },
  );
});

describe('reading the journal of another process', () => {
  it('ignores the line that is being written and does not touch the file', () => {
    const path = writeJournal(added, '{"op":"remo');
    const before = { content: readFileSync(path), modifiedMs: statSync(path).mtimeMs };
    const journal = readJournal(path);
    expect(journal.entries).toEqual([added]);
    expect(() => journal.append(removed)).toThrow('open for reading only');
    journal.close();
    expect({ content: readFileSync(path), modifiedMs: statSync(path).mtimeMs }).toEqual(before);
  });

  it('does not make a file where there is none', () => {
    const path = join(makeTempDirectory(), 'data', 'journal.jsonl');
    expect(readJournal(path).entries).toEqual([]);
    expect(existsSync(join(path, '..'))).toBe(false);
  });
});
