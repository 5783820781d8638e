import { once } from 'node:events';
import { messageOf } from '../../errors.ts';
import { spawnWorker } from '../../spawn-worker.ts';
import { createStopFlag, raise } from '../../stop-flag.ts';
import type {
  Opening,
  StoreCalls,
  StoreReply,
  StoreStart,
  StoreThreadStart,
} from './store-protocol.ts';

/** The thread that owns the database, as its users see it. */
export interface StoreThread {
  /** Rejects when the thread refuses, or ends before it has answered. */
  call<Name extends keyof StoreCalls>(
    name: Name,
    ...parameters: Parameters<StoreCalls[Name]>
  ): Promise<ReturnType<StoreCalls[Name]>>;
  /** Ends it after the call that it is at; those that wait are rejected. */
  end(): Promise<void>;
}

export type StartedThread =
  | { readonly thread: StoreThread; readonly movedTo: string | undefined }
  | Exclude<Opening, { kind: 'opened' }>;

/** Starts it and waits for its first word; `onExit` is told when it ends, for whatever reason. */
export async function startStoreThread(
  start: StoreStart,
  onExit: (reason: string) => void,
): Promise<StartedThread> {
  const ending = createStopFlag();
  const whole: StoreThreadStart = { ...start, ending };
  const worker = spawnWorker(new URL('./store-worker.ts', import.meta.url), whole);
  const open = new Map<number, PromiseWithReject>();
  let calls = 0;
  let hasEnded = false;
  let reason = 'the thread of the decision store has ended';
  worker.on('error', (error) => {
    reason = messageOf(error);
  });
  const exited = new Promise<Opening>((resolve) => {
    worker.on('exit', () => {
      hasEnded = true;
      for (const { reject } of open.values()) reject(new Error(reason));
      open.clear();
      resolve({ kind: 'failed', reason });
    });
  });
  const first = once(worker, 'message').then(([opening]): Opening => opening);
  first.catch(() => {});
  const opening = await Promise.race([first.catch(() => exited), exited]);
  if (opening.kind !== 'opened') {
    // It listens to nobody, and so ends by itself.
    await exited;
    return opening;
  }
  worker.on('message', (reply: StoreReply) => {
    const waiting = open.get(reply.call);
    open.delete(reply.call);
    if ('error' in reply) waiting?.reject(new Error(reply.error));
    else waiting?.resolve(reply.result);
  });
  void exited.then(() => onExit(reason));

  const thread: StoreThread = {
    call(name, ...parameters) {
      if (hasEnded) return Promise.reject(new Error(reason));
      calls += 1;
      const call = calls;
      return new Promise((resolve, reject) => {
        open.set(call, { resolve: resolve as (result: unknown) => void, reject });
        worker.postMessage({ call, name, parameters });
      });
    },
    async end() {
      raise(ending);
      worker.postMessage(undefined);
      await exited;
    },
  };
  return { thread, movedTo: opening.movedTo };
}

interface PromiseWithReject {
  resolve(result: unknown): void;
  reject(error: Error): void;
}
