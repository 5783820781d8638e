import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { type Connection, openConnection } from '../../scripts/bench/connection.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** To a server that answers everything with these pieces, each in a packet of its own. */
async function connectTo(pieces: readonly string[]): Promise<Connection> {
  const server = createServer({ noDelay: true }, (socket) => {
    const send = ([piece, ...rest]: readonly string[]) => {
      if (piece !== undefined) socket.write(piece, () => setImmediate(send, rest));
    };
    socket.on('data', () => send(pieces));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const connection = await openConnection(
    `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  );
  closers.push(
    () => server.close(),
    () => connection.close(),
  );
  return connection;
}

const ask = [Buffer.from('GET / HTTP/1.1\r\n\r\n')];
const plain = 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody';
const chunked = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';

describe('the connection of the bench', () => {
  it('asks again after a whole reply', async () => {
    const connection = await connectTo([plain]);
    const replies = [await connection.exchange(ask), await connection.exchange(ask)];
    expect(replies.map(({ gapsMs }) => gapsMs)).toEqual([[], []]);
    expect(replies[0]?.head).toContain('content-length: 4');
  });

  it('sees the end of a reply wherever its pieces are cut', async () => {
    for (const pieces of [[...plain], [...`${chunked}4\r\nbody\r\n0\r\n\r\n`]]) {
      const connection = await connectTo(pieces);
      const reply = await connection.exchange(ask);
      expect(reply.wholeMs).toBeGreaterThanOrEqual(reply.firstByteMs);
    }
  });

  it('tells what a target has refused', async () => {
    const connection = await connectTo([plain.replace('200 OK', '503 No')]);
    const { status, lastPiece } = await connection.exchange(ask);
    expect([status, lastPiece.toString()]).toEqual([503, 'body']);
  });
});
