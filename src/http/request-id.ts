import { randomUUID } from 'node:crypto';
import type { RequestHandler, Response } from 'express';

const header = 'x-request-id';
const acceptable = /^[\w\-=.]{1,128}$/;

/** Takes over the client's request id if it is harmless, else makes one; every reply carries it. */
export const assignRequestId: RequestHandler = (request, response, next) => {
  const given = request.get(header);
  response.setHeader(header, given !== undefined && acceptable.test(given) ? given : randomUUID());
  next();
};

export function requestIdOf(response: Response): string {
  return String(response.getHeader(header));
}
