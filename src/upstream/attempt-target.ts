import type { Clock } from '../clock.ts';
import type { AttemptSpan } from '../telemetry/traces/trace-context.ts';
import { type CallGuard, createCallGuard } from './call-guard.ts';
import { type ClientRequest, type FindTranslation, openExchange } from './exchange.ts';
import { createFailure } from './failure.ts';
import { toNetworkFailure } from './network-failure.ts';
import type { Provider, ProviderReply } from './provider.ts';
import {
  type FailedReply,
  type PlainReply,
  readError,
  readPlain,
  readStream,
  type StreamedReply,
} from './read-reply.ts';
import type { Target } from './target.ts';

export type AttemptResult =
  | PlainReply
  | StreamedReply
  | FailedReply
  | { readonly kind: 'client-gone' };

export interface AttemptOptions {
  readonly target: Target;
  readonly provider: Provider;
  readonly request: ClientRequest;
  readonly findTranslation: FindTranslation;
  /** Its place in a trace, where there is one. */
  readonly span?: AttemptSpan | undefined;
  readonly clock: Clock;
  /** Aborts when the client is gone. */
  readonly signal: AbortSignal;
  /** What the whole plan has left. */
  readonly remainingMs: number;
}

/**
 * One call to one model, up to its whole reply or the first content of its stream. Rejects only
 * with what is neither the network's nor the provider's doing.
 */
export async function attemptTarget(options: AttemptOptions): Promise<AttemptResult> {
  const { target, provider, request, span, clock, signal } = options;
  const { stream } = request;
  const guard = createCallGuard({ clock, signal });
  let isStreaming = false;

  try {
    limitTotal(guard, options);
    const firstContent = stream ? limitFirstContent(guard, target) : undefined;
    const exchange = openExchange(request, target, options.findTranslation);
    const { body } = exchange;
    const headers =
      span === undefined ? exchange.headers : { ...exchange.headers, ...span.headers };
    const { subpath } = request;
    const call = { target, body, stream, headers, signal: guard.signal };
    const reply = await provider.call(subpath === undefined ? call : { ...call, subpath });
    const context = { guard, clock, idleMs: target.timeouts.idleMs, exchange };
    if (!isSuccess(reply)) return judge(await readError(reply, context), options);
    if (!stream) return judge(await readPlain(reply, context), options);

    const result = await readStream(reply, context);
    firstContent?.cancel();
    isStreaming = result.kind === 'stream';
    return judge(result, options);
  } catch (error) {
    const interruption = guard.interruption();
    if (interruption !== undefined) return interruption;
    const failure = toNetworkFailure(error);
    if (failure === undefined) throw error;
    return { kind: 'failed', failure };
  } finally {
    if (!isStreaming) guard.close();
  }
}

/** What is wrong with a request that we wrote need not be the client's doing. */
function judge<Result extends AttemptResult>(
  result: Result,
  { request, target }: AttemptOptions,
): Result | FailedReply {
  if (result.kind !== 'failed' || request.protocol === target.protocol) return result;
  const { cause, status, message } = result.failure;
  if (cause !== 'client-error' || (status !== 400 && status !== 422)) return result;
  return { ...result, failure: createFailure('translation-refused', message, { status }) };
}

function limitTotal(guard: CallGuard, { target, remainingMs }: AttemptOptions): void {
  const { totalMs } = target.timeouts;
  if (remainingMs <= totalMs) {
    guard.limit(remainingMs, createFailure('deadline', 'the time for the whole request is over'));
  } else {
    guard.limit(totalMs, createFailure('timeout', `not finished after ${totalMs} ms`));
  }
}

function limitFirstContent(guard: CallGuard, { timeouts: { firstContentMs } }: Target) {
  const failure = createFailure('timeout', `no content after ${firstContentMs} ms`);
  return guard.limit(firstContentMs, failure);
}

function isSuccess({ status }: ProviderReply): boolean {
  return status >= 200 && status < 300;
}
