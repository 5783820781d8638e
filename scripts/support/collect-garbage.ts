import { setTimeout } from 'node:timers/promises';
import { WebSocket } from 'undici';
import type { RunningRouter } from './start-router.ts';

/** For a router that `collectGarbage` is to reach: its inspector takes any free port. */
export const inspectable = { NODE_OPTIONS: '--inspect-port=0' };

const pollMs = 20;
/** Until what was freed is no longer resident. */
const settleMs = 500;

/** Has V8 collect what is no longer used, which it puts off for as long as nothing is asked of it. */
export async function collectGarbage({ pid, log }: RunningRouter): Promise<void> {
  process.kill(pid, 'SIGUSR1');
  const socket = new WebSocket(await inspectorOf(log));
  try {
    await once(socket, 'open');
    // What the first leaves to be finalised the second frees.
    for (const id of [1, 2]) {
      socket.send(JSON.stringify({ id, method: 'HeapProfiler.collectGarbage' }));
      await once(socket, 'message');
    }
  } finally {
    socket.close();
  }
  await setTimeout(settleMs);
}

async function inspectorOf(log: () => string): Promise<string> {
  for (;;) {
    const [, url] = /Debugger listening on (\S+)/.exec(log()) ?? [];
    if (url !== undefined) return url;
    await setTimeout(pollMs);
  }
}

function once(socket: WebSocket, event: 'open' | 'message'): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.addEventListener(event, () => resolve(), { once: true });
    socket.addEventListener('error', ({ message }) => reject(new Error(message)), { once: true });
  });
}
