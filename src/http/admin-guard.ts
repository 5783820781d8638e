import type { RequestHandler } from 'express';
import { RouterError } from '../errors.ts';

const loopbackNames = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i;

/** True for the addresses that only this machine can reach. */
export function isLoopback(host: string): boolean {
  return loopbackNames.test(host.includes(':') && !host.startsWith('[') ? `[${host}]` : host);
}

/**
 * Keeps web pages away from the admin endpoints of a router on loopback: a rebound DNS name shows in
 * Host, a page of another origin in Origin.
 */
export const guardAdmin: RequestHandler = (request, _response, next) => {
  const host = request.get('host') ?? '';
  if (!loopbackNames.test(host)) {
    throw new RouterError(
      'forbidden',
      `The admin endpoints are not served under the host "${host}".`,
    );
  }
  const origin = request.get('origin');
  if (origin !== undefined && origin !== `http://${host}`) {
    throw new RouterError('forbidden', `The admin endpoints refuse requests from ${origin}.`);
  }
  next();
};
