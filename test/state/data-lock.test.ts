import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { lockDataDirectory } from '../../src/state/data-lock.ts';
import { makeTempDirectory, writeFileIn } from '../support/temp-directory.ts';

function lock(dataDir: string) {
  const result = lockDataDirectory(dataDir);
  if (result.kind !== 'held') throw new Error(`It is not ours: ${JSON.stringify(result)}.`);
  onTestFinished(() => result.release());
  return result;
}

const readLock = (dataDir: string) => JSON.parse(readFileSync(join(dataDir, 'lock'), 'utf8'));

/** A process that lives until the test is over. */
function startProcess(): number {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  onTestFinished(() => void child.kill('SIGKILL'));
  if (child.pid === undefined) throw new Error('No process was started.');
  return child.pid;
}

describe('the lock of a data directory', () => {
  it('is written by its first user, into a directory that is made', () => {
    const dataDir = join(makeTempDirectory(), 'deep', 'data');
    lock(dataDir);
    expect(readLock(dataDir)).toEqual({ pid: process.pid });
  });

  it('shows where its holder listens, once that is announced', () => {
    const dataDir = makeTempDirectory();
    lock(dataDir).announce('http://127.0.0.1:8080');
    expect(readLock(dataDir)).toEqual({ pid: process.pid, url: 'http://127.0.0.1:8080' });
    expect(readdirSync(dataDir)).toEqual(['lock']);
  });

  it('is gone when it is released, which may be said twice', () => {
    const dataDir = makeTempDirectory();
    const held = lock(dataDir);
    held.release();
    held.release();
    expect(existsSync(join(dataDir, 'lock'))).toBe(false);
  });

  it('stays with a process that lives, and names it', () => {
    const dataDir = makeTempDirectory();
    const holder = { pid: startProcess(), url: 'http://127.0.0.1:9090' };
    writeFileIn(dataDir, 'lock', JSON.stringify(holder));
    expect(lockDataDirectory(dataDir)).toEqual({ kind: 'taken', holder });
    expect(readLock(dataDir)).toEqual(holder);
  });

  it('is taken over from a process that is dead', () => {
    const dataDir = makeTempDirectory();
    const { pid } = spawnSync(process.execPath, ['--version']);
    writeFileIn(dataDir, 'lock', JSON.stringify({ pid }));
    lock(dataDir);
    expect(readLock(dataDir)).toEqual({ pid: process.pid });
  });

  it('is taken over from an earlier process that had our number', () => {
    const dataDir = makeTempDirectory();
    writeFileIn(dataDir, 'lock', JSON.stringify({ pid: process.pid, url: 'http://old' }));
    lock(dataDir);
    expect(readLock(dataDir)).toEqual({ pid: process.pid });
  });

  it.each(['', '{"pid": 1', 'null', '{"pid": "1"}', '{"pid": -1}', '{"pid": 1e15}'])(
    'is taken over when all it says is %j',
    (content) => {
      const dataDir = makeTempDirectory();
      writeFileIn(dataDir, 'lock', content);
      lock(dataDir);
      expect(readLock(dataDir)).toEqual({ pid: process.pid });
    },
  );

  it('says why when the directory can not be written', () => {
    const file = writeFileIn(makeTempDirectory(), 'file', '');
    expect(lockDataDirectory(join(file, 'data'))).toEqual({
      kind: 'unwritable',
      reason: expect.stringContaining('ENOTDIR'),
    });
  });
});
