// One request on its way to one model and back: the provider's protocol there, the client's here.
import { messageOf } from '../errors.ts';
import { type JsonObject, parseJsonObject } from '../json.ts';
import type { Protocol } from '../protocol.ts';
import type { StreamFrame, Translation } from '../translation/translation.ts';
import { BrokenReplyError } from './broken-reply-error.ts';
import type { CallKind } from './health/health.ts';
import { insertMember } from './splice-model.ts';
import type { SseFrame } from './sse.ts';
import type { Target } from './target.ts';
import { withoutReasoning } from './without-reasoning.ts';

/** What the client sent. */
export interface ClientRequest {
  readonly protocol: Protocol;
  /** After the protocol's path: `/count_tokens`. */
  readonly subpath?: string;
  /** The body as it came, but for its model. */
  readonly bodyFor: (model: string) => Buffer;
  /** The same, parsed. */
  readonly json: JsonObject;
  readonly stream: boolean;
  /** For providers that speak the client's protocol; allow-listed already. */
  readonly headers: Readonly<Record<string, string>>;
}

/** What its calls are like, as far as their latencies go. */
export function callKindOf({
  stream,
  subpath,
}: Pick<ClientRequest, 'stream' | 'subpath'>): CallKind {
  if (subpath !== undefined) return 'other';
  return stream ? 'stream' : 'plain';
}

export interface Exchange {
  /** What the provider speaks. */
  readonly protocol: Protocol;
  readonly clientProtocol: Protocol;
  /** Usage was asked for on our own account: an event of nothing else is not for the client. */
  readonly hidesUsage: boolean;
  /** What the provider gets. */
  readonly body: Buffer;
  readonly headers: Readonly<Record<string, string>>;
  /** What the client gets of a whole reply. Throws BrokenReplyError when it makes no sense. */
  toClientBody(body: Buffer): Buffer;
  /** What the client gets of one event, which is neither an error nor `undefined` of data. Throws like `toClientBody`. */
  toClientFrames(frame: SseFrame): Buffer[];
}

/** The way between two protocols; undefined when there is none. */
export type FindTranslation = (client: Protocol, provider: Protocol) => Translation | undefined;

/** Throws an Error when the target can't be asked in its protocol: the plan should have left it out. */
export function openExchange(
  request: ClientRequest,
  target: Target,
  findTranslation: FindTranslation,
): Exchange {
  const protocols = { protocol: target.protocol, clientProtocol: request.protocol };
  if (request.protocol === target.protocol) {
    const stripped = withoutReasoning(target.protocol, request.json, target.readableReasoning);
    const spliced =
      stripped === undefined
        ? request.bodyFor(target.upstreamModel)
        : Buffer.from(JSON.stringify({ ...stripped, model: target.upstreamModel }));
    const asksUsage = request.stream && request.protocol === 'chat' && target.reportsUsage;
    const hidesUsage = asksUsage && request.json['stream_options'] === undefined;
    return {
      body: hidesUsage ? insertMember(spliced, '"stream_options":{"include_usage":true}') : spliced,
      hidesUsage,
      headers: request.headers,
      toClientBody: (body) => body,
      toClientFrames: ({ raw }) => [raw],
      ...protocols,
    };
  }
  const translation = findTranslation(request.protocol, target.protocol);
  const translated = translation?.request(request.json, target);
  if (translation === undefined || translated?.kind !== 'translated') {
    throw new Error(`${request.protocol} can not be put as ${target.protocol}.`);
  }
  const stream = translation.openStream(request.json);
  return {
    hidesUsage: false,
    ...protocols,
    body: Buffer.from(JSON.stringify(withModel(translated.body, target))),
    headers: {},
    toClientBody: (body) =>
      readable(() => {
        const reply = translation.reply(parseJsonObject(body.toString()) ?? {}, request.json);
        return Buffer.from(JSON.stringify(reply));
      }),
    toClientFrames: ({ event, data }) =>
      data === undefined
        ? []
        : readable(() => stream.push({ event, data }).map((frame) => toBytes(frame))),
  };
}

function withModel(body: JsonObject, target: Target): JsonObject {
  const { upstreamModel, maxTokensField, reportsUsage } = target;
  const { max_tokens: maxTokens, stream_options: streamOptions, ...rest } = body;
  return {
    model: upstreamModel,
    ...rest,
    ...(streamOptions === undefined || !reportsUsage ? {} : { stream_options: streamOptions }),
    ...(maxTokens === undefined ? {} : { [maxTokensField]: maxTokens }),
  };
}

function readable<Result>(translate: () => Result): Result {
  try {
    return translate();
  } catch (error) {
    throw new BrokenReplyError(`the reply can't be translated: ${messageOf(error)}`);
  }
}

function toBytes({ event, data }: StreamFrame): Buffer {
  return Buffer.from(`${event === undefined ? '' : `event: ${event}\n`}data: ${data}\n\n`);
}
