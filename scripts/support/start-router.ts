// The built router in a process of its own, in a directory that is removed at the end.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { stringify } from 'yaml';
import { type ExampleSet, shippedSet } from './example-set.ts';

export interface RunningRouter {
  readonly url: string;
  readonly pid: number;
  /** From the start of the process until it was ready, to within 20 ms. */
  readonly readyAfterMs: number;
  /** Everything that it has said so far. */
  log(): string;
  /** Asks it to end; resolves with its exit code. */
  stop(): Promise<number | null>;
}

export interface Workshop {
  readonly directory: string;
  /** The index of a set of examples is built once, and its head fitted, for the first that has them. */
  startRouter(options: RouterOptions): Promise<RunningRouter>;
  /** Starts a script that says its address on stdout, and resolves with that. */
  startScript(path: string, args?: readonly string[]): Promise<string>;
  /** Ends everything that was started here and removes the directory. */
  close(): void;
}

interface RouterOptions {
  /** One for each, in the same workshop. */
  readonly name: string;
  /** Those that ship when left out. */
  readonly examples?: ExampleSet;
  /** Over the examples, their tuning, and every class on `models`. */
  readonly config: object;
  /** Every class prefers the first of them. */
  readonly models: readonly string[];
  readonly environment?: Record<string, string>;
}

const pollMs = 20;

export function openWorkshop(): Workshop {
  const directory = mkdtempSync(join(tmpdir(), 'switchyard-bench-'));
  const children: ChildProcess[] = [];

  function buildIndex({ name }: ExampleSet, config: string): string {
    const built = join(directory, `built-${name}`);
    if (!existsSync(built)) {
      const args = ['dist/main.js', '--config', config, 'index', 'build'];
      const env = { SWITCHYARD_DATA_DIR: built };
      execFileSync(process.execPath, args, { env, stdio: ['ignore', 'ignore', 'pipe'] });
    }
    return built;
  }

  return {
    directory,
    async startRouter({ name, config, models, environment = {}, examples = shippedSet }) {
      const file = join(directory, `${name}.yaml`);
      const { classNames, defaultClass } = examples;
      const classes = Object.fromEntries(classNames.map((each) => [each, { models }]));
      const routing = { defaultClass };
      const whole = { examples: examples.config, routing, classes, ...config };
      // Of many classes that share a list, YAML would make more aliases than a configuration may have.
      writeFileSync(file, stringify(whole, { aliasDuplicateObjects: false }));
      const dataDir = join(directory, name);
      cpSync(buildIndex(examples, file), dataDir, { recursive: true });
      const log = join(directory, `${name}.log`);
      const args = ['dist/main.js', '--config', file, 'serve', '--port', '0'];
      const startedAtMs = performance.now();
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
            readyAfterMs: performance.now() - startedAtMs,
            log: () => readFileSync(log, 'utf8'),
            async stop() {
              child.kill('SIGTERM');
              const [code] = await ended;
              return code;
            },
          };
        }
        if (child.exitCode !== null) throw new Error(`The router ended: ${text}`);
        await setTimeout(pollMs);
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
