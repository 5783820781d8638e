import { messageOf } from '../errors.ts';
import type { LockHolder } from '../state/data-lock.ts';
import { CommandError } from './context.ts';

/** Asks the server that holds the data directory. Rejects with CommandError carrying the server's own words. */
export async function callRunningServer(
  holder: LockHolder,
  call: { method: string; path: string; body?: object; adminToken: string },
): Promise<unknown> {
  if (holder.url === undefined) {
    throw new CommandError(
      `Process ${holder.pid} holds the data directory and is still starting. Try again.`,
    );
  }
  let reply: Response;
  try {
    reply = await fetch(`${holder.url}${call.path}`, {
      method: call.method,
      headers: {
        'content-type': 'application/json',
        ...(call.adminToken === '' ? {} : { authorization: `Bearer ${call.adminToken}` }),
      },
      ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
    });
  } catch (error) {
    throw new CommandError(`The server at ${holder.url} does not answer: ${messageOf(error)}`);
  }
  const body = (await reply.json()) as { error?: { message?: string } };
  if (!reply.ok)
    throw new CommandError(body.error?.message ?? `The server answered ${reply.status}.`);
  return body;
}
