#!/usr/bin/env node
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock } from './clock.ts';
import { runProgram } from './commands/program.ts';
import { loadConfig } from './config/load.ts';
import { createLogger } from './telemetry/log.ts';

const packageRoot = dirname(dirname(fileURLToPath(import.meta.url)));
const isInstalled = packageRoot.includes(join('node_modules', ''));
const { version } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8'));
const workingDirectory = process.cwd();

function findConfig(named: string | undefined): string {
  const local = join(workingDirectory, 'switchyard.yaml');
  const ours = join(packageRoot, 'switchyard.yaml');
  return named || process.env['SWITCHYARD_CONFIG'] || (existsSync(local) ? local : ours);
}

let stoppedBy: NodeJS.Signals | undefined;

function stopRequested(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        // Asked twice: whoever waits has lost patience.
        if (stoppedBy !== undefined) process.exit(signal === 'SIGINT' ? 130 : 143);
        stoppedBy = signal;
        resolve();
      });
    }
  });
}

// Whoever reads, `head` for one, may have seen enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

// For people; machines get JSON. The package is there while developing only.
const pretty = process.stderr.isTTY
  ? await import('pino-pretty').then(
      (module) => module.default({ destination: 2, sync: true }),
      () => undefined,
    )
  : undefined;

// A command may wait for nothing but a timer, and those keep no process alive.
const alive = setInterval(() => {}, 60_000);
const exitCode = await runProgram(
  process.argv.slice(2),
  {
    clock: systemClock,
    environment: process.env,
    print: (text) => process.stdout.write(text),
    remark: (text) => process.stderr.write(text),
    cloneModelsDir: isInstalled ? undefined : join(packageRoot, 'models'),
    shippedVectors: join(packageRoot, 'datasets', 'vectors.bin'),
    loadConfig: (named) =>
      loadConfig({ file: findConfig(named), environment: process.env, workingDirectory }),
    createLogger: (level) => createLogger(level, pretty),
    stopRequested,
  },
  version,
);
clearInterval(alive);
process.exitCode = stoppedBy === 'SIGINT' ? 130 : exitCode;
