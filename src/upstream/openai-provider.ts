import { Socket } from 'node:net';
import { Agent, buildConnector, errors, request } from 'undici';
import type { Clock } from '../clock.ts';
import type { Provider, ProviderCall, ProviderReply } from './provider.ts';
import { spliceModel } from './splice-model.ts';

export interface OpenAiProviderOptions {
  readonly name: string;
  /** Everything before `/chat/completions`; a query string is kept. */
  readonly baseUrl: string;
  readonly apiKey: string | undefined;
  /** Until a new connection stands. */
  readonly connectTimeoutMs: number;
  /** Sent with every call, over all others. */
  readonly headers?: Record<string, string>;
  readonly clock: Clock;
}

/** Any server that speaks OpenAI's chat completions. */
export function createOpenAiProvider(options: OpenAiProviderOptions): Provider {
  const { name, apiKey } = options;
  const url = new URL(options.baseUrl);
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/chat/completions`;
  const authorization = apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` };
  const agent = new Agent({
    connect: createConnector(options),
    headersTimeout: 0,
    bodyTimeout: 0,
  });

  async function send(call: ProviderCall): Promise<ProviderReply> {
    call.signal.throwIfAborted();
    const { statusCode, headers, body } = await request(url, {
      dispatcher: agent,
      method: 'POST',
      headers: {
        ...call.headers,
        'content-type': 'application/json',
        accept: call.stream ? 'text/event-stream' : 'application/json',
        ...authorization,
        ...options.headers,
      },
      body: spliceModel(call.body, call.target.upstreamModel),
      signal: call.signal,
    });
    return { status: statusCode, headers: toSingleValues(headers), body };
  }

  return {
    name,
    call: (call) => rejectOnAbort(send(call), call.signal),
    close: () => agent.close(),
  };
}

/** undici's own connect timeout takes no clock; ours also frees the socket that does not connect. */
function createConnector({
  connectTimeoutMs,
  clock,
}: OpenAiProviderOptions): buildConnector.connector {
  const connect = buildConnector({ timeout: 0 });
  return (options, callback) => {
    const timer = clock.setTimer(connectTimeoutMs, () => {
      if (!(socket instanceof Socket)) return;
      socket.destroy(new errors.ConnectTimeoutError(`not connected after ${connectTimeoutMs} ms`));
    });
    // The connector returns its socket, though its type does not say so.
    const socket: unknown = connect(options, (...result) => {
      timer.cancel();
      callback(...result);
    });
  };
}

/** undici notices an abort only once it is connected; the client's leaving must not wait for that. */
async function rejectOnAbort<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  let onAbort = () => {};
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason);
  });
  signal.addEventListener('abort', onAbort);
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

function toSingleValues(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value = '']) => [
      name,
      typeof value === 'string' ? value : value.join(', '),
    ]),
  );
}
