// A stream after the commit point: the client has seen content, so a failure can only be told
// in-band. It must be told: SDKs take a stream that just ends for a complete one.

import { toBrokenOffFrame } from './broken-off.ts';
import type { CallGuard, Interruption } from './call-guard.ts';
import type { Exchange } from './exchange.ts';
import { createFailure } from './failure.ts';
import { isKeepAlive, toKeepAlive } from './keep-alive.ts';
import { toNetworkFailure } from './network-failure.ts';
import type { SseFrame } from './sse.ts';
import { toStreamEvent } from './stream-event.ts';
import { completeUsage, mergeUsage, type Usage } from './usage.ts';

/** How a committed stream ended, and how long after the start of its attempt. */
export type StreamEnd = ({ readonly kind: 'done' } | Interruption) & {
  readonly durationMs: number;
  /** As far as the provider said. */
  readonly usage: Usage | undefined;
};

export interface Relay {
  /** Never throws. Ends with `[DONE]` or with an error frame, or silently when the client is gone. */
  readonly frames: AsyncIterable<Uint8Array>;
  /** Settles when the provider's connection is free or closed, even if nobody reads the frames. */
  readonly finished: Promise<StreamEnd>;
}

export interface RelayOptions {
  /** Frames to send first, and whether they are all there is. */
  readonly held: readonly Buffer[];
  readonly isComplete: boolean;
  /** The frames after those. */
  readonly rest: AsyncIterator<SseFrame, void>;
  /** Guards the call; the relay closes it. */
  readonly guard: CallGuard;
  readonly idleMs: number;
  readonly exchange: Exchange;
  /** What the held frames said of it. */
  readonly usage: Partial<Usage> | undefined;
}

// Long enough for the end of the body to follow `[DONE]`, so that the connection can be used again.
const lingerMs = 1_000;

/** Of events that the client has no use for, reasoning say, one after such a silence tells it to wait. */
const quietMs = 10_000;

/** Who is waited for when the time is over is to blame: a model has no part in what its reader leaves lying. */
const readTooSlowly: Interruption = {
  kind: 'failed',
  failure: createFailure('deadline', 'the client did not take it in time'),
};

export function createRelay(options: RelayOptions): Relay {
  const { held, isComplete, rest, guard, idleMs, exchange } = options;
  const { promise: finished, resolve: resolveFinished } = createDeferred<StreamEnd>();
  const queue = [...held];
  let isOver = false;
  let isPulling = false;
  let { usage } = options;
  let lastEvent = held.at(-1);
  let sentAtMs = guard.elapsedMs();

  function finish(outcome: { readonly kind: 'done' } | Interruption): void {
    if (isOver) return;
    isOver = true;
    const durationMs = guard.elapsedMs();
    if (outcome.kind === 'failed') {
      queue.push(toBrokenOffFrame(outcome.failure, exchange.clientProtocol, lastEvent));
    }
    if (outcome.kind === 'client-gone') queue.length = 0;
    void letGo(outcome.kind === 'done').then(() =>
      resolveFinished({ durationMs, usage: completeUsage(usage), ...outcome }),
    );
  }

  async function letGo(isBodyEnding: boolean): Promise<void> {
    if (isBodyEnding) {
      guard.limit(lingerMs, createFailure('timeout', 'the stream stays open after its end'));
      await drain(rest);
    }
    guard.close();
  }

  async function pull(): Promise<void> {
    isPulling = true;
    const idle = guard.limit(idleMs, createFailure('timeout', `silent for ${idleMs} ms`));
    try {
      const next = await rest.next();
      if (next.done === true) finish(broken('the stream ended too early'));
      else accept(next.value);
    } catch (error) {
      finish(toOutcome(error));
    } finally {
      isPulling = false;
      idle.cancel();
    }
  }

  function accept(frame: SseFrame): void {
    const event = toStreamEvent(frame, exchange.protocol);
    if (event.kind === 'failure') {
      finish({ kind: 'failed', failure: event.failure });
      return;
    }
    usage = mergeUsage(usage, event.usage);
    if (event.kind === 'usage' && exchange.hidesUsage) return;
    send(frame);
    if (event.kind === 'done' || event.kind === 'finish-and-done') finish({ kind: 'done' });
  }

  function send(frame: SseFrame): void {
    const translated = exchange.toClientFrames(frame);
    const isQuiet = guard.elapsedMs() - sentAtMs >= quietMs;
    if (translated.length > 0) {
      for (const each of translated) queue.push(each);
      if (frame.data !== undefined) lastEvent = translated.at(-1);
    } else if (isKeepAlive(frame) || isQuiet) queue.push(toKeepAlive(exchange.clientProtocol));
    else return;
    sentAtMs = guard.elapsedMs();
  }

  function toOutcome(error: unknown): Interruption {
    const failure = toNetworkFailure(error);
    return (
      guard.interruption() ??
      (failure === undefined ? broken('the stream broke') : { kind: 'failed', failure })
    );
  }

  // The consumer may be slow, or never come: an interruption counts without being asked for.
  function finishInterrupted(): void {
    const interruption = guard.interruption();
    if (interruption === undefined) return;
    finish(interruption.kind === 'failed' && !isPulling ? readTooSlowly : interruption);
  }
  guard.signal.addEventListener('abort', finishInterrupted);
  finishInterrupted();
  if (isComplete) finish({ kind: 'done' });

  const frames: AsyncIterableIterator<Uint8Array> = {
    [Symbol.asyncIterator]: () => frames,
    async next() {
      while (queue.length === 0 && !isOver) await pull();
      const value = queue.shift();
      return value === undefined ? { done: true, value: undefined } : { done: false, value };
    },
    async return() {
      finish({ kind: 'client-gone' });
      queue.length = 0;
      return { done: true, value: undefined };
    },
  };
  return { frames, finished };
}

async function drain(frames: AsyncIterator<SseFrame, void>): Promise<void> {
  try {
    while ((await frames.next()).done !== true);
  } catch {
    // Everything that was asked for has come; how the connection ends is nobody's concern.
  }
}

function broken(message: string): Interruption {
  return { kind: 'failed', failure: createFailure('broken-reply', message) };
}

function createDeferred<Value>(): { promise: Promise<Value>; resolve: (value: Value) => void } {
  let resolve: (value: Value) => void = () => {};
  const promise = new Promise<Value>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
