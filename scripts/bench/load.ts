// A number of clients that ask one target for a while, each its next question as soon as it has its answer.
import { setTimeout } from 'node:timers/promises';
import { type Connection, type Exchange, openConnection } from './connection.ts';
import type { Supply } from './prompts.ts';

export interface LoadOptions {
  readonly url: string;
  readonly clients: number;
  readonly durationMs: number;
  readonly supply: Supply;
  /** Makes the bytes of a request around a prompt. */
  readonly toRequest: (prompt: Buffer) => readonly Buffer[];
  /** How long a client waits before it asks again, in milliseconds; when left out, nobody may be refused. */
  readonly pauseAfter?: (refusal: Exchange) => number;
}

export interface Load {
  /** Those that were answered; all other figures but `refused` are of them. */
  readonly requests: number;
  readonly elapsedMs: number;
  readonly wholeMs: readonly number[];
  readonly firstByteMs: readonly number[];
  readonly gapsMs: readonly number[];
  /** Of the requests, how many were decided without the encoder, since it was late. */
  readonly late: number;
  /** Of the requests, how many the first tier decided. */
  readonly byFirstTier: number;
  /** How many were refused, by status. */
  readonly refused: ReadonlyMap<number, number>;
}

/** Rejects when a connection ends within a reply, and when a request is refused that may not be. */
export async function runLoad(options: LoadOptions): Promise<Load> {
  const { url, clients, durationMs, supply, toRequest, pauseAfter } = options;
  const connections = await Promise.all(Array.from({ length: clients }, () => openConnection(url)));
  const wholeMs: number[] = [];
  const firstByteMs: number[] = [];
  const gapsMs: number[] = [];
  const refused = new Map<number, number>();
  let late = 0;
  let byFirstTier = 0;
  const startedAtMs = performance.now();

  async function ask(connection: Connection): Promise<void> {
    while (performance.now() - startedAtMs < durationMs) {
      const answer = await connection.exchange(toRequest(supply.next()));
      if (answer.status !== 200) {
        if (pauseAfter === undefined) throw new Error(describeRefusal(answer));
        refused.set(answer.status, (refused.get(answer.status) ?? 0) + 1);
        await setTimeout(pauseAfter(answer));
        continue;
      }
      wholeMs.push(answer.wholeMs);
      firstByteMs.push(answer.firstByteMs);
      for (const gap of answer.gapsMs) gapsMs.push(gap);
      if (answer.head.includes('x-switchyard-abstained: embedder-')) late += 1;
      if (answer.head.includes('x-switchyard-tier: static')) byFirstTier += 1;
    }
  }

  try {
    await Promise.all(connections.map(ask));
  } finally {
    for (const connection of connections) connection.close();
  }
  const elapsedMs = performance.now() - startedAtMs;
  const requests = wholeMs.length;
  return { requests, elapsedMs, wholeMs, firstByteMs, gapsMs, late, byFirstTier, refused };
}

function describeRefusal({ head, lastPiece }: Exchange): string {
  return `${head}\n${lastPiece.toString()}`;
}
