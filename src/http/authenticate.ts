import { createHash, timingSafeEqual } from 'node:crypto';
import type { Request, RequestHandler } from 'express';
import { RouterError } from '../errors.ts';
import { isLoopback } from './loopback.ts';

export interface Keys {
  /** Any of them opens the endpoints under /v1; with none, everybody who reaches the server may use them. */
  readonly apiKeys: readonly string[];
  /** Opens /admin; without one, only this machine may use it. */
  readonly adminToken: string;
}

/** Lets in who brings one of the keys. What it was is consumed here: no provider ever gets it. */
export function requireApiKey({ apiKeys }: Keys): RequestHandler {
  const isKnown = createMatcher(apiKeys);
  return (request, _response, next) => {
    // Without keys only this machine is to use it: a rebound DNS name shows in Host.
    if (apiKeys.length === 0 && !isLoopback(hostOf(request))) {
      throw new RouterError(
        'forbidden',
        `This router is not served under the host "${hostOf(request)}" without API keys.`,
      );
    }
    if (apiKeys.length > 0 && !keysOf(request).some(isKnown)) {
      throw new RouterError(
        'invalid_api_key',
        'This router wants one of its API keys, as `Authorization: Bearer …` or `x-api-key`.',
      );
    }
    next();
  };
}

/**
 * Lets in who brings the admin token, or, where none is set, callers on this machine; a rebound DNS name shows in Host.
 */
export function requireAdmin({ adminToken }: Keys): RequestHandler {
  const isKnown = createMatcher(adminToken === '' ? [] : [adminToken]);
  return (request, _response, next) => {
    if (adminToken !== '') {
      if (!keysOf(request).some(isKnown)) {
        throw new RouterError(
          'invalid_api_key',
          'The admin endpoints want the admin token, as `Authorization: Bearer …` or `x-api-key`.',
        );
      }
    } else if (!isLoopback(request.socket.remoteAddress ?? '') || !isLoopback(hostOf(request))) {
      throw new RouterError(
        'forbidden',
        `The admin endpoints are not served under the host "${hostOf(request)}" without an admin token.`,
      );
    }
    next();
  };
}

/** Keeps web pages of other origins away from the admin endpoints. */
export const refuseOtherOrigins: RequestHandler = (request, _response, next) => {
  const origin = request.get('origin');
  if (origin !== undefined && origin.replace(/^https?:\/\//, '') !== hostOf(request)) {
    throw new RouterError('forbidden', `The admin endpoints refuse requests from ${origin}.`);
  }
  next();
};

function hostOf(request: Request): string {
  return request.get('host') ?? '';
}

/** What a client identifies itself by, so that no two share what is remembered; empty where it brings nothing. */
export function clientOf(request: Request): string {
  return keysOf(request).join(' ');
}

/** Clients may bring a token of somebody else's beside the key for this router. */
function keysOf(request: Request): string[] {
  const [, token] = /^Bearer\s+(.+)$/i.exec(request.get('authorization') ?? '') ?? [];
  return [token, request.get('x-api-key')].filter((key) => key !== undefined);
}

/** Compares in a time that tells nothing about the keys: digests of equal length, and always all of them. */
function createMatcher(keys: readonly string[]): (candidate: string) => boolean {
  const digests = keys.map(digest);
  return (candidate) => {
    const given = digest(candidate);
    return digests.map((known) => timingSafeEqual(known, given)).includes(true);
  };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
