import type { Clock } from '../clock.ts';
import { parseJsonObject } from '../json.ts';
import type { CallGuard } from './call-guard.ts';
import type { Exchange } from './exchange.ts';
import { createFailure, type Failure } from './failure.ts';
import { openGate } from './gate.ts';
import { toErrorObjectFailure, toHttpFailure } from './http-failure.ts';
import { keptIdOf } from './kept-id.ts';
import { toNetworkFailure } from './network-failure.ts';
import type { ProviderReply } from './provider.ts';
import { readBody } from './read-body.ts';
import type { ErrorReply } from './refusal.ts';
import { createRelay, type Relay } from './relay.ts';
import { toClientHeaders } from './response-headers.ts';
import { readFrames } from './sse.ts';
import { completeUsage, readUsage, type Usage } from './usage.ts';

const maxReplyBytes = 64 * 1024 * 1024;
const maxErrorBytes = 1024 * 1024;

export interface PlainReply {
  readonly kind: 'reply';
  readonly status: number;
  readonly headers: Record<string, string>;
  /** As it came. */
  readonly body: Buffer;
  readonly keptId: string | undefined;
  /** As far as the provider said. */
  readonly usage: Usage | undefined;
}

export interface StreamedReply extends Relay {
  readonly kind: 'stream';
  readonly headers: Record<string, string>;
  readonly keptId: string | undefined;
}

export interface FailedReply {
  readonly kind: 'failed';
  readonly failure: Failure;
  /** What the provider said, in case the error is the client's own. */
  readonly errorReply?: ErrorReply;
}

export interface ReadContext {
  readonly guard: CallGuard;
  readonly clock: Clock;
  readonly idleMs: number;
  readonly exchange: Exchange;
}

/** A whole reply, checked: a provider may wrap an error, half a reply or a web page into a 200. */
export async function readPlain(
  reply: ProviderReply,
  { exchange }: Pick<ReadContext, 'exchange'>,
): Promise<PlainReply | FailedReply> {
  const { status, headers } = reply;
  if (!/^application\/([\w.-]+\+)?json\b/i.test(headers['content-type'] ?? '')) {
    return broken('the reply is not JSON by its content type');
  }
  const body = await readBody(reply.body, maxReplyBytes);
  if (body === undefined) return broken(`the reply has more than ${maxReplyBytes} bytes`);
  const payload = parseJsonObject(body.toString());
  if (payload === undefined) return broken('the reply is not a JSON object');
  if (payload['error'] !== undefined && payload['error'] !== null) {
    const failure = toErrorObjectFailure(payload);
    return { kind: 'failed', failure, errorReply: { headers, body } };
  }
  const answer = exchange.toClientBody(body);
  const usage = completeUsage(readUsage(payload, exchange.protocol));
  const keptId = keptIdOf(payload, exchange);
  return { kind: 'reply', status, headers: toClientHeaders(headers), body: answer, keptId, usage };
}

/** A stream, up to its first content. From there on it is the relay's, and so is the guard. */
export async function readStream(
  reply: ProviderReply,
  context: ReadContext,
): Promise<StreamedReply | FailedReply> {
  const { headers } = reply;
  if (!/^text\/event-stream\b/i.test(headers['content-type'] ?? '')) {
    const plain = await readPlain(reply, context);
    return plain.kind === 'failed' ? plain : broken('a plain reply where a stream was asked for');
  }

  const { exchange } = context;
  const rest = readFrames(reply.body);
  const gate = await openGate(rest, exchange);
  if (gate.kind === 'failed') {
    const { failure, payload = '' } = gate;
    return { kind: 'failed', failure, errorReply: { headers, body: Buffer.from(payload) } };
  }
  // Still before the commit point: what can't be translated is another model's chance.
  const held = gate.held.flatMap(exchange.toClientFrames);
  const relay = createRelay({ rest, ...context, ...gate, held });
  const keptId = keptIdOf(parseJsonObject(gate.held[0]?.data ?? ''), exchange);
  return { kind: 'stream', headers: toClientHeaders(headers), keptId, ...relay };
}

/** An error status. Its body is welcome, but a body that stalls or breaks changes nothing. */
export async function readError(
  reply: ProviderReply,
  { guard, clock, idleMs }: ReadContext,
): Promise<FailedReply> {
  const { status, headers } = reply;
  const toFailure = (body: Buffer) => toHttpFailure({ status, headers, body, nowMs: clock.now() });
  const nothing = Buffer.alloc(0);

  guard.limit(idleMs, toFailure(nothing));
  let body: Buffer = nothing;
  try {
    body = (await readBody(reply.body, maxErrorBytes)) ?? nothing;
  } catch (error) {
    const isTorn = guard.interruption() === undefined && toNetworkFailure(error) !== undefined;
    if (!isTorn) throw error;
  }
  return { kind: 'failed', failure: toFailure(body), errorReply: { headers, body } };
}

function broken(message: string): FailedReply {
  return { kind: 'failed', failure: createFailure('broken-reply', message) };
}
