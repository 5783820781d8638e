import type { RequestHandler } from 'express';

/**
 * Ends the connection of a client that has taken nothing of its reply for `sendTimeoutMs` to twice as long: it holds a
 * provider's connection, memory and one of the requests under way. A reply that waits for its provider is not its doing.
 */
export function cutOffStalled(sendTimeoutMs: number): RequestHandler {
  return (_request, response, next) => {
    // Node's timer and not the clock's: it alone sees a large write that the client takes piece by piece.
    response.setTimeout(sendTimeoutMs, () => {
      const { socket } = response;
      if (socket !== null && socket.writableLength > 0) socket.destroy();
    });
    next();
  };
}
