import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inject } from 'vitest';
import { stringify } from 'yaml';

const main = join(import.meta.dirname, '../../dist/main.js');

export interface Home {
  readonly dataDir: string;
  readonly directory: string;
  /** Writes a configuration file and returns its path. */
  writeConfig(config: object): string;
  remove(): void;
}

/** A temporary place with the index of the shipped examples already built. */
export function createHome(): Home {
  const home = createBareHome();
  cpSync(inject('builtDataDir'), home.dataDir, { recursive: true });
  return home;
}

/** One where nothing has been built yet. */
export function createBareHome(): Home {
  const directory = mkdtempSync(join(tmpdir(), 'switchyard-home-'));
  return {
    dataDir: join(directory, 'data'),
    directory,
    writeConfig(config) {
      const path = join(directory, 'switchyard.yaml');
      writeFileSync(path, stringify(config));
      return path;
    },
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}

export interface Finished {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly home: Home;
  readonly environment?: Record<string, string>;
}

/** Runs one command to its end, with nothing of the developer's environment in it. */
export async function runSwitchyard(args: string[], options: RunOptions): Promise<Finished> {
  const child = start(args, options);
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (chunk) => (stdout += chunk));
  child.stderr?.on('data', (chunk) => (stderr += chunk));
  const exitCode = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { exitCode, stdout, stderr };
}

export interface RunningServer {
  readonly url: string;
  /** Everything on stderr so far. */
  log(): string;
  /** Resolves once the log holds the text. */
  logged(text: string): Promise<void>;
  /** Sends a signal and waits for the end. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

/** Starts the proxy as its own process and waits until it is ready. */
export async function startServer(
  options: RunOptions & { args?: string[] },
): Promise<RunningServer> {
  const child = start(['serve', '--port', '0', ...(options.args ?? [])], options);
  const closed = new Promise<number | null>((resolve) => child.on('close', resolve));
  let log = '';
  const logged = (text: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (log.includes(text)) resolve();
        else child.stderr?.once('data', look);
      };
      look();
      void closed.then((code) =>
        reject(new Error(`It ended with ${code}; "${text}" is not in:\n${log}`)),
      );
    });
  child.stderr?.on('data', (chunk) => {
    log += chunk;
  });
  await logged('Ready.');
  const url = /Listening on (\S+)/.exec(log)?.[1] ?? '';
  return {
    url,
    log: () => log,
    logged,
    stop(signal = 'SIGTERM') {
      child.kill(signal);
      return closed;
    },
  };
}

function start(args: string[], { home, environment }: RunOptions): ChildProcess {
  return spawn(process.execPath, [main, ...args], {
    cwd: home.directory,
    env: { PATH: process.env['PATH'], SWITCHYARD_DATA_DIR: home.dataDir, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}
