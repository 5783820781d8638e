import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A span as a collector gets it, its attributes as plain values. */
export interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly traceState: string | undefined;
  readonly name: string;
  readonly kind: 'internal' | 'server' | 'client';
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly hasFailed: boolean;
}

export interface OtlpReceiver {
  /** The base address. */
  readonly url: string;
  readonly requests: readonly {
    readonly path: string;
    readonly headers: IncomingHttpHeaders;
    readonly body: string;
  }[];
  spans(): ReceivedSpan[];
  /** The attributes of the service that the spans are of. */
  resource(): Readonly<Record<string, unknown>>;
  /** Resolves once there are that many spans. */
  received(count: number): Promise<ReceivedSpan[]>;
  close(): Promise<void>;
}

interface RawAttribute {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}

interface RawSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly traceState?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly RawAttribute[];
  readonly status?: { readonly code?: number };
}

interface RawExport {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly RawAttribute[] };
    readonly scopeSpans: readonly { readonly spans: readonly RawSpan[] }[];
  }[];
}

/** A collector of traces by OTLP over HTTP, which keeps what it gets. */
export async function createOtlpReceiver({ status = 200 } = {}): Promise<OtlpReceiver> {
  const requests: { path: string; headers: IncomingHttpHeaders; body: string }[] = [];
  const waiting: (() => void)[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString();
    requests.push({ path: request.url ?? '', headers: request.headers, body });
    response.writeHead(status, { 'content-type': 'application/json' }).end('{}');
    for (const look of waiting.splice(0)) look();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const exports = (): RawExport[] => requests.map(({ body }) => JSON.parse(body));
  const spans = (): ReceivedSpan[] =>
    exports().flatMap(({ resourceSpans }) =>
      resourceSpans.flatMap(({ scopeSpans }) =>
        scopeSpans.flatMap((scope) => scope.spans.map(toSpan)),
      ),
    );

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    spans,
    resource: () => toAttributes(exports()[0]?.resourceSpans[0]?.resource.attributes ?? []),
    async received(count) {
      while (spans().length < count) {
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
      return spans();
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

const kinds = ['internal', 'internal', 'server', 'client'] as const;

function toSpan(raw: RawSpan): ReceivedSpan {
  return {
    traceId: raw.traceId,
    spanId: raw.spanId,
    parentSpanId: raw.parentSpanId,
    traceState: raw.traceState,
    name: raw.name,
    kind: kinds[raw.kind] ?? 'internal',
    startMs: Number(raw.startTimeUnixNano) / 1e6,
    endMs: Number(raw.endTimeUnixNano) / 1e6,
    attributes: toAttributes(raw.attributes),
    hasFailed: raw.status?.code === 2,
  };
}

function toAttributes(attributes: readonly RawAttribute[]): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}

export interface SpanTree {
  readonly span: ReceivedSpan;
  readonly children: readonly SpanTree[];
}

/** The first span that is under none of the others, with what is under it in the order of time. */
export function toSpanTree(spans: readonly ReceivedSpan[]): SpanTree {
  const root = spans.find(
    ({ parentSpanId }) => !spans.some((each) => each.spanId === parentSpanId),
  );
  if (root === undefined) throw new Error('There is no span.');
  const under = (span: ReceivedSpan): SpanTree => ({
    span,
    children: spans
      .filter(({ parentSpanId }) => parentSpanId === span.spanId)
      .sort((one, other) => one.startMs - other.startMs || one.endMs - other.endMs)
      .map(under),
  });
  return under(root);
}

/** A tree as its names, two spaces a level. */
export function outline({ span, children }: SpanTree): string[] {
  const below = children.flatMap((child) => outline(child)).map((line) => `  ${line}`);
  return [`${span.name} [${span.kind}${span.hasFailed ? ', failed' : ''}]`, ...below];
}
