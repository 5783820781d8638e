// The gateway that the bench compares with: installed when it is first asked for, into a cache of its own, since the project
// must not depend on it.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';

export const portkeyVersion = '1.15.2';
const name = '@portkey-ai/gateway';
const cache = join(tmpdir(), `switchyard-bench-portkey-${portkeyVersion}`);
const program = join(cache, 'node_modules', name, 'build', 'start-server.js');
const longestStartMs = 20_000;

export interface Portkey {
  readonly url: string;
  readonly pid: number;
  close(): void;
}

/** Installs it if need be and starts it. Rejects where either can't be done. */
export async function startPortkey(): Promise<Portkey> {
  if (!existsSync(program)) await install();
  const port = await freePort();
  const child = spawn(process.execPath, [program, '--headless', `--port=${port}`], {
    cwd: cache,
    env: { NODE_ENV: 'production' },
    stdio: 'ignore',
  });
  const url = `http://127.0.0.1:${port}`;
  try {
    await answers(url, child);
  } catch (error) {
    child.kill();
    throw error;
  }
  return { url, pid: child.pid ?? 0, close: () => child.kill() };
}

/** Its server in a version that lets it stream: with today's (1.19) it answers every stream with 500. */
const manifest = {
  private: true,
  dependencies: { [name]: portkeyVersion },
  overrides: { '@hono/node-server': '1.13.8' },
};

async function install(): Promise<void> {
  mkdirSync(cache, { recursive: true });
  writeFileSync(join(cache, 'package.json'), JSON.stringify(manifest));
  const args = ['install', '--no-audit', '--no-fund', '--ignore-scripts'];
  await promisify(execFile)('npm', args, { cwd: cache, timeout: 180_000 });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function answers(url: string, child: ChildProcess): Promise<void> {
  const endsAtMs = performance.now() + longestStartMs;
  for (;;) {
    const isUp = await fetch(url).then(
      (reply) => reply.ok,
      () => false,
    );
    if (isUp) return;
    if (child.exitCode !== null || performance.now() > endsAtMs) {
      throw new Error(`${name} does not start`);
    }
    await setTimeout(100);
  }
}
