import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  export interface ProvidedContext {
    /** A data directory with the index of the shipped examples, to be copied. */
    builtDataDir: string;
  }
}

/** Compiles the program and the model, and indexes the shipped examples once for all test files. */
export function setup(project: TestProject): () => void {
  const dataDir = mkdtempSync(join(tmpdir(), 'switchyard-built-'));
  execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'], {
    stdio: 'inherit',
  });
  execFileSync(process.execPath, ['dist/main.js', 'index', 'build'], {
    env: { PATH: process.env['PATH'], SWITCHYARD_DATA_DIR: dataDir },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  project.provide('builtDataDir', dataDir);
  return () => rmSync(dataDir, { recursive: true });
}
