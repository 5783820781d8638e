import { Socket } from 'node:net';
import { buildConnector, errors, Pool } from 'undici';
import type { Clock } from '../clock.ts';
import type { Protocol } from '../protocol.ts';
import { callOverHttp } from './http-call.ts';
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
  const common = { ...credentials, ...options.headers };
  /** By the time they have to connect: a connection is made for whoever comes next, and not for one request. */
  const pools = new Map<number, Pool>();

  function poolFor(connectMs = options.connectTimeoutMs): Pool {
    const known = pools.get(connectMs);
    if (known !== undefined) return known;
    const connect = createConnector(connectMs, options.clock);
    const pool = new Pool(base.origin, { connect, headersTimeout: 0, bodyTimeout: 0 });
    pools.set(connectMs, pool);
    return pool;
  }

  async function call(call: ProviderCall): Promise<ProviderReply> {
    const { target, signal, body } = call;
    signal.throwIfAborted();
    const headers = {
      ...protocolHeaders[target.protocol],
      ...call.headers,
      'content-type': 'application/json',
      accept: call.stream ? 'text/event-stream' : 'application/json',
      ...common,
    };
    const path = pathOf(base, call);
    const pool = poolFor(target.timeouts.connectMs);
    return callOverHttp(pool, { method: 'POST', path, headers, body }, signal);
  }

  async function listModels(signal: AbortSignal): Promise<ProviderReply> {
    signal.throwIfAborted();
    const headers = {
      ...Object.assign({}, ...speaks.map((protocol) => protocolHeaders[protocol])),
      accept: 'application/json',
      ...common,
    };
    return callOverHttp(
      poolFor(),
      { method: 'GET', path: under(base, '/models'), headers },
      signal,
    );
  }

  return {
    name,
    call,
    ...(base.pathname.includes(modelPlace) ? {} : { probe: listModels }),
    async close() {
      await Promise.all([...pools.values()].map((pool) => pool.close()));
    },
  };
}

function pathOf(base: URL, { target, subpath = '' }: ProviderCall): string {
  const path = under(base, `${paths[target.protocol]}${subpath}`);
  return path.replaceAll(modelPlace, encodeURIComponent(target.upstreamModel));
}

function under({ pathname, search }: URL, path: string): string {
  return `${pathname.replace(/\/+$/, '')}${path}${search}`;
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
