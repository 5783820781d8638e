// What a call to a provider takes from the request that it is made for.
import type { Request, Response } from 'express';
import type { Provider } from '../upstream/provider.ts';
import type { Door } from './door.ts';
import { requestIdOf } from './request-id.ts';
import type { Services } from './services.ts';

export function forwardedHeaders(
  request: Request,
  response: Response,
  { forwardedHeaders }: Pick<Door, 'forwardedHeaders'>,
): Record<string, string> {
  const own = { 'x-request-id': requestIdOf(response) };
  const given = forwardedHeaders.flatMap((name) => {
    const value = request.get(name);
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...Object.fromEntries(given), ...own };
}

export function providerNamed(name: string, { providers }: Services): Provider {
  const provider = providers.get(name);
  if (provider === undefined) throw new Error(`The plan names a provider without a part: ${name}`);
  return provider;
}

/** A signal that fires when the client leaves before it has its reply. */
export function abortWhenGone(response: Response): AbortSignal {
  const controller = new AbortController();
  response.on('close', () => {
    if (!response.writableFinished) controller.abort();
  });
  return controller.signal;
}
