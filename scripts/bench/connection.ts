// An HTTP client that does as little as it can, so that it is not what is measured: one connection that is kept, one request
// at a time, written as bytes that were made before, and of the reply only where it ends.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export interface Exchange {
  readonly status: number;
  /** Of the reply, with its names in lower case. */
  readonly head: string;
  /** To the first byte of the body. */
  readonly firstByteMs: number;
  readonly wholeMs: number;
  /** Between pieces of the body, as they arrive. */
  readonly gapsMs: readonly number[];
  /** What came last of the body: of a refusal, all of it. */
  readonly lastPiece: Buffer;
}

export interface Connection {
  /** Rejects when the connection ends within the reply. */
  exchange(request: readonly Buffer[]): Promise<Exchange>;
  close(): void;
}

const endOfHead = Buffer.from('\r\n\r\n');
const lastChunk = Buffer.from('0\r\n\r\n');

export async function openConnection(url: string): Promise<Connection> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.setNoDelay(true);
  await once(socket, 'connect');
  return {
    exchange: (request) => exchangeOn(socket, request),
    close: () => socket.destroy(),
  };
}

function exchangeOn(socket: Socket, request: readonly Buffer[]): Promise<Exchange> {
  return new Promise((resolve, reject) => {
    let held: Buffer = Buffer.alloc(0);
    let head: string | undefined;
    let bodyBytes = 0;
    let tail: Buffer = Buffer.alloc(0);
    let firstAtMs = 0;
    let lastAtMs = 0;
    const gapsMs: number[] = [];
    const startedAtMs = performance.now();

    function receive(piece: Buffer): void {
      const nowMs = performance.now();
      let body = piece;
      if (head === undefined) {
        held = held.length === 0 ? piece : Buffer.concat([held, piece]);
        const end = held.indexOf(endOfHead);
        if (end === -1) return;
        head = held.toString('latin1', 0, end).toLowerCase();
        body = held.subarray(end + endOfHead.length);
      }
      if (body.length === 0 && !head.includes('content-length: 0')) return;
      if (bodyBytes === 0) firstAtMs = nowMs;
      else gapsMs.push(nowMs - lastAtMs);
      lastAtMs = nowMs;
      bodyBytes += body.length;
      tail = Buffer.concat([tail, body.subarray(-lastChunk.length)]).subarray(-lastChunk.length);
      if (isOver(head, bodyBytes, tail)) finish(head, body);
    }

    function finish(of: string, lastPiece: Buffer): void {
      stop();
      const status = Number(of.slice('http/1.1 '.length, 'http/1.1 200'.length));
      const firstByteMs = firstAtMs - startedAtMs;
      const wholeMs = lastAtMs - startedAtMs;
      resolve({ status, head: of, firstByteMs, wholeMs, gapsMs, lastPiece });
    }

    function fail(): void {
      stop();
      reject(new Error(`The connection ended within a reply: ${head ?? 'nothing came'}`));
    }

    function stop(): void {
      socket.off('data', receive);
      socket.off('close', fail);
      socket.off('error', fail);
    }

    socket.on('data', receive);
    socket.on('close', fail);
    socket.on('error', fail);
    socket.cork();
    for (const part of request) socket.write(part);
    socket.uncork();
  });
}

/** Nothing follows a reply before the next request, so that the end of what has come can be the end of all. */
function isOver(head: string, bodyBytes: number, tail: Buffer): boolean {
  const [, length] = /\r\ncontent-length: (\d+)/.exec(head) ?? [];
  if (length !== undefined) return bodyBytes >= Number(length);
  return tail.equals(lastChunk);
}
