import { Socket } from 'node:net';
import { Agent, buildConnector, errors, request } from 'undici';
import type { Clock } from '../clock.ts';
import type { Protocol } from '../protocol.ts';
import type { Provider, ProviderCall, ProviderReply } from './provider.ts';

/** Under the base address. */
const paths: Readonly<Record<Protocol, string>> = {
  chat: '/chat/completions',
  messages: '/messages',
  responses: '/responses',
  completions: '/completions',
  embeddings: '/embeddings',
};

/** `{model}` as it stands in the path of a URL. */
const modelPlace = '%7Bmodel%7D';

/** What a protocol asks of every request; the client's own and the configured headers win. */
const protocolHeaders: Partial<Record<Protocol, Record<string, string>>> = {
  messages: { 'anthropic-version': '2023-06-01' },
};

export interface HttpProviderOptions {
  readonly name: string;
  /** Everything before `/chat/completions` and the like; `{model}` stands for the model, a query string is kept. */
  readonly baseUrl: string;
  readonly apiKey: string | undefined;
  /** What its models speak. */
  readonly speaks?: readonly Protocol[];
  /** Carries the key: as a Bearer token in `authorization` (the default), as it is in any other. */
  readonly keyHeader?: string;
  /** Until a new connection stands, where the model has no time of its own. */
  readonly connectTimeoutMs: number;
  /** Sent with every call, over all others. */
  readonly headers?: Record<string, string>;
  readonly clock: Clock;
}

/** Any server that is reached over HTTP, whatever protocol a target asks it in. */
export function createHttpProvider(options: HttpProviderOptions): Provider {
  const { name, apiKey, keyHeader = 'authorization', speaks = [] } = options;
  const base = new URL(options.baseUrl);
  const prefix = keyHeader === 'authorization' ? 'Bearer ' : '';
  const credentials = apiKey === undefined ? {} : { [keyHeader]: `${prefix}${apiKey}` };
  /** By the time they have to connect: a connection is made for whoever comes next, and not for one request. */
  const agents = new Map<number, Agent>();

  function agentFor(connectMs = options.connectTimeoutMs): Agent {
    const known = agents.get(connectMs);
    if (known !== undefined) return known;
    const connect = createConnector(connectMs, options.clock);
    const agent = new Agent({ connect, headersTimeout: 0, bodyTimeout: 0 });
    agents.set(connectMs, agent);
    return agent;
  }

  async function send(call: ProviderCall): Promise<ProviderReply> {
    call.signal.throwIfAborted();
    const { protocol } = call.target;
    const { statusCode, headers, body } = await request(addressOf(base, call), {
      dispatcher: agentFor(call.target.timeouts.connectMs),
      method: 'POST',
      headers: {
        ...protocolHeaders[protocol],
        ...call.headers,
        'content-type': 'application/json',
        accept: call.stream ? 'text/event-stream' : 'application/json',
        ...credentials,
        ...options.headers,
      },
      body: call.body,
      signal: call.signal,
    });
    return { status: statusCode, headers: toSingleValues(headers), body };
  }

  async function listModels(signal: AbortSignal): Promise<ProviderReply> {
    const { statusCode, headers, body } = await request(addressUnder(base, '/models'), {
      dispatcher: agentFor(),
      headers: {
        ...Object.assign({}, ...speaks.map((protocol) => protocolHeaders[protocol])),
        accept: 'application/json',
        ...credentials,
        ...options.headers,
      },
      signal,
    });
    return { status: statusCode, headers: toSingleValues(headers), body };
  }

  return {
    name,
    call: (call) => rejectOnAbort(send(call), call.signal),
    ...(base.pathname.includes(modelPlace)
      ? {}
      : { probe: (signal) => rejectOnAbort(listModels(signal), signal) }),
    async close() {
      await Promise.all([...agents.values()].map((agent) => agent.close()));
    },
  };
}

function addressOf(base: URL, { target, subpath = '' }: ProviderCall): URL {
  const url = addressUnder(base, `${paths[target.protocol]}${subpath}`);
  url.pathname = url.pathname.replaceAll(modelPlace, encodeURIComponent(target.upstreamModel));
  return url;
}

function addressUnder(base: URL, path: string): URL {
  const url = new URL(base);
  url.pathname = `${url.pathname.replace(/\/+$/, '')}${path}`;
  return url;
}

/** undici's own connect timeout takes no clock; ours also frees the socket that does not connect. */
function createConnector(connectMs: number, clock: Clock): buildConnector.connector {
  const connect = buildConnector({ timeout: 0 });
  return (options, callback) => {
    const timer = clock.setTimer(connectMs, () => {
      if (!(socket instanceof Socket)) return;
      socket.destroy(new errors.ConnectTimeoutError(`not connected after ${connectMs} ms`));
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
