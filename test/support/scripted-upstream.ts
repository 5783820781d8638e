import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

interface RecordedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly json: { readonly [key: string]: unknown };
  /** Resolves when the caller leaves before the reply has ended. */
  readonly aborted: Promise<void>;
}

/** How the upstream answers one request. */
export type Step = (response: ServerResponse, request: RecordedRequest) => void | Promise<void>;

export interface ScriptedUpstream {
  /** The base URL, `/v1` included. */
  readonly url: string;
  readonly requests: readonly RecordedRequest[];
  /** Answers one request after the other with these steps; the last one repeats. */
  script(...steps: Step[]): void;
  /** The same for requests whose body names this model; goes before `script`. */
  scriptModel(model: string, ...steps: Step[]): void;
  /** The next request that nobody has waited for yet, those that have come already first. */
  nextRequest(): Promise<RecordedRequest>;
  close(): Promise<void>;
}

/** A real HTTP server that answers as told. What nobody scripted is answered with 501. */
export async function createScriptedUpstream(): Promise<ScriptedUpstream> {
  const requests: RecordedRequest[] = [];
  const scripts = new Map<string, Step[]>();
  const anyModel = '*';
  const waiting: ((request: RecordedRequest) => void)[] = [];
  let awaited = 0;

  function takeStep(model: string): Step {
    const steps = scripts.get(model) ?? scripts.get(anyModel) ?? [];
    const step = steps.length > 1 ? steps.shift() : steps[0];
    return step ?? json(501, { error: { message: `nothing is scripted for '${model}'` } });
  }

  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const recorded: RecordedRequest = {
      method: request.method ?? '',
      path: request.url ?? '',
      headers: request.headers,
      body,
      json: body.length === 0 ? {} : JSON.parse(body.toString().replace(/^\ufeff/, '')),
      aborted: new Promise((resolve) => {
        response.on('close', () => {
          if (!response.writableFinished) resolve();
        });
      }),
    };
    requests.push(recorded);
    const waiter = waiting.shift();
    if (waiter !== undefined) {
      awaited += 1;
      waiter(recorded);
    }
    await takeStep(String(recorded.json['model']))(response, recorded);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  return {
    url: `http://127.0.0.1:${port}/v1`,
    requests,
    script: (...steps) => void scripts.set(anyModel, steps),
    scriptModel: (model, ...steps) => void scripts.set(model, steps),
    nextRequest() {
      const past = requests[awaited];
      if (past === undefined) return new Promise((resolve) => waiting.push(resolve));
      awaited += 1;
      return Promise.resolve(past);
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** A whole reply; a string or bytes are sent as they are, anything else as JSON. */
export function json(status: number, body: unknown, headers: Record<string, string> = {}): Step {
  return (response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body));
  };
}

export interface SseOptions {
  /** `done` sends `[DONE]` and ends; `clean` ends without it; `cut` tears the connection. */
  readonly end?: 'done' | 'clean' | 'cut' | 'stall';
  readonly status?: number;
  readonly headers?: Record<string, string>;
}

/** An event stream; frames from an async iterable are sent as they come. */
export function sse(
  frames: Iterable<string | Buffer> | AsyncIterable<string | Buffer>,
  { end = 'done', status = 200, headers = {} }: SseOptions = {},
): Step {
  return async (response) => {
    response.writeHead(status, { 'content-type': 'text/event-stream', ...headers });
    response.flushHeaders();
    for await (const frame of frames) {
      if (response.destroyed) return;
      await new Promise<void>((resolve) => {
        response.write(frame, () => resolve());
      });
    }
    if (end === 'done') response.end('data: [DONE]\n\n');
    if (end === 'clean') response.end();
    // A chunked body without its last chunk: the reader sees it torn, not ended.
    if (end === 'cut') response.destroy();
  };
}

/** Closes the connection before a byte of the reply. */
export const reset: Step = (response) => {
  response.socket?.resetAndDestroy();
};

/** Takes the request and never answers. */
export const stall: Step = () => {};

/** Sends the headers and the beginning of a body, and no more. */
export function stallInBody(status: number, beginning: string): Step {
  return (response) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.write(beginning);
  };
}

/** A plain completion in OpenAI's shape. */
export function completion(content: string, model = 'scripted'): object {
  const message = { role: 'assistant', content, refusal: null };
  return {
    id: 'chatcmpl-scripted',
    object: 'chat.completion',
    created: 1_700_000_000,
    model,
    choices: [{ index: 0, message, logprobs: null, finish_reason: 'stop' }],
    usage: { prompt_tokens: 5, completion_tokens: 7, total_tokens: 12 },
  };
}

/** One chunk of a streamed completion, as a frame. */
export function chunk(delta: object, finishReason: string | null = null): string {
  const payload = {
    id: 'chatcmpl-scripted',
    object: 'chat.completion.chunk',
    created: 1_700_000_000,
    model: 'scripted',
    choices: [{ index: 0, delta, finish_reason: finishReason }],
  };
  return `data: ${JSON.stringify(payload)}\n\n`;
}

/** The frames of a streamed completion with these pieces of content, without `[DONE]`. */
export function contentFrames(...pieces: string[]): string[] {
  return [
    chunk({ role: 'assistant', content: '' }),
    ...pieces.map((content) => chunk({ content })),
    chunk({}, 'stop'),
  ];
}
