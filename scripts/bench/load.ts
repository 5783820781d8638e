// A number of clients that ask one target for a while, each its next question as soon as it has its answer.
import { type Connection, openConnection } from './connection.ts';
import type { Supply } from './prompts.ts';

export interface LoadOptions {
  readonly url: string;
  readonly clients: number;
  readonly durationMs: number;
  readonly supply: Supply;
  /** Makes the bytes of a request around a prompt. */
  readonly toRequest: (prompt: Buffer) => readonly Buffer[];
}

export interface Load {
  readonly requests: number;
  readonly elapsedMs: number;
  readonly wholeMs: readonly number[];
  readonly firstByteMs: readonly number[];
  readonly gapsMs: readonly number[];
  /** Of the requests, how many were decided without the encoder, since it was late. */
  readonly late: number;
}

export async function runLoad(options: LoadOptions): Promise<Load> {
  const { url, clients, durationMs, supply, toRequest } = options;
  const connections = await Promise.all(Array.from({ length: clients }, () => openConnection(url)));
  const wholeMs: number[] = [];
  const firstByteMs: number[] = [];
  const gapsMs: number[] = [];
  let late = 0;
  const startedAtMs = performance.now();

  async function ask(connection: Connection): Promise<void> {
    while (performance.now() - startedAtMs < durationMs) {
      const answer = await connection.exchange(toRequest(supply.next()));
      wholeMs.push(answer.wholeMs);
      firstByteMs.push(answer.firstByteMs);
      for (const gap of answer.gapsMs) gapsMs.push(gap);
      if (answer.head.includes('x-switchyard-abstained: embedder-')) late += 1;
    }
  }

  try {
    await Promise.all(connections.map(ask));
  } finally {
    for (const connection of connections) connection.close();
  }
  const elapsedMs = performance.now() - startedAtMs;
  return { requests: wholeMs.length, elapsedMs, wholeMs, firstByteMs, gapsMs, late };
}
