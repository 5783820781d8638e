// The built router in a process of its own, in a directory that is removed at the end.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { stringify } from 'yaml';

export const shippedExamples = resolve('datasets/examples');
const classNames = readdirSync(shippedExamples).map((file) => basename(file, '.jsonl'));

export interface RunningRouter {
  readonly url: string;
  readonly pid: number;
  /** Everything that it has said so far. */
  log(): string;
  /** Asks it to end; resolves with its exit code. */
  stop(): Promise<number | null>;
}

export interface Workshop {
  readonly directory: string;
  /** The index of the shipped examples is built once, for the first. */
  startRouter(options: RouterOptions): Promise<RunningRouter>;
  /** Starts a script that says its address on stdout, and resolves with that. */
  startScript(path: string, args?: readonly string[]): Promise<string>;
  /** Ends everything that was started here and removes the directory. */
  close(): void;
}

interface RouterOptions {
  /** One for each, in the same workshop. */
  readonly name: string;
  /** Over the shipped examples, tuning, and every class on `models`. */
  readonly config: object;
  /** Every class prefers the first of them. */
  readonly models: readonly string[];
  readonly environment?: Record<string, string>;
}

export function openWorkshop(): Workshop {
  const directory = mkdtempSync(join(tmpdir(), 'switchyard-bench-'));
  const built = join(directory, 'built');
  const children: ChildProcess[] = [];
  let isBuilt = false;

  function buildIndex(): void {
    if (isBuilt) return;
    isBuilt = true;
    const env = { SWITCHYARD_DATA_DIR: built };
    execFileSync(process.execPath, ['dist/main.js', 'index', 'build'], { env, stdio: 'ignore' });
  }

  return {
    directory,
    async startRouter({ name, config, models, environment = {} }) {
      buildIndex();
      const dataDir = join(directory, name);
      cpSync(built, dataDir, { recursive: true });
      const file = join(directory, `${name}.yaml`);
      const classes = Object.fromEntries(classNames.map((each) => [each, { models }]));
      // As they ship, so that the head that was fitted with the index holds.
      const examples = {
        directory: shippedExamples,
        conversations: resolve('datasets/conversations.jsonl'),
        tuning: resolve('datasets/tuning.json'),
      };
      const routing = { defaultClass: 'knowledge' };
      const embedding = { workers: 1 };
      writeFileSync(file, stringify({ examples, routing, embedding, classes, ...config }));
      const log = join(directory, `${name}.log`);
      const args = ['dist/main.js', '--config', file, 'serve', '--port', '0'];
      const child = spawn(process.execPath, args, {
        env: { SWITCHYARD_DATA_DIR: dataDir, ...environment },
        stdio: ['ignore', 'ignore', openSync(log, 'w')],
      });
      children.push(child);
      const ended = once(child, 'close');
      for (;;) {
        const text = readFileSync(log, 'utf8');
        const [, url] = /Listening on (\S+)/.exec(text) ?? [];
        if (url !== undefined && text.includes('Ready.')) {
          return {
            url,
            pid: child.pid ?? 0,
            log: () => readFileSync(log, 'utf8'),
            async stop() {
              child.kill('SIGTERM');
              const [code] = await ended;
              return code;
            },
          };
        }
        if (child.exitCode !== null) throw new Error(`The router ended: ${text}`);
        await setTimeout(100);
      }
    },
    async startScript(path, args = []) {
      const child = spawn(process.execPath, ['--import', 'tsx', path, ...args], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      children.push(child);
      const [said] = await once(child.stdout, 'data');
      return String(said).trim();
    },
    close() {
      for (const child of children) child.kill();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** What a process has in memory, in bytes (Linux). */
export function residentBytes(pid: number): number {
  const [, kib] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kib) * 1_024;
}

/** What the main thread of a process has used of a CPU, in milliseconds (Linux). */
export function cpuMs(pid: number): number {
  const [ns] = readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ');
  return Number(ns) / 1e6;
}

/** What a process has used of CPUs, all of its threads together, those that have ended too, in milliseconds (Linux). */
export function processCpuMs(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // After the name, which may hold anything; in hundredths of a second.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}
