// The only module that knows OpenTelemetry's packages, which are optional: loaded when there is somebody to export to.
import type { SpanContext } from '@opentelemetry/api';
import type { IdGenerator, ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-node';
import type { PlannedSpan } from './planned-span.ts';
import type { TraceContext } from './trace-context.ts';
import type { Traceparent } from './traceparent.ts';

export interface TracingSdk {
  open(options: ExportOptions): TraceExport;
}

interface ExportOptions {
  readonly url: string;
  /** For one export with its retries. */
  readonly timeoutMs: number;
  /** After every export; undefined when it went well. */
  readonly onExported: (error: Error | undefined) => void;
}

interface TraceExport {
  /** The ids of a span that will be added under this one, and whether the sampler wants it. */
  begin(parent: Traceparent | undefined): Traceparent;
  /** Puts a span that was begun, and all under it, into the queue. */
  add(span: PlannedSpan, context: TraceContext): void;
  /** Exports what is in the queue. Rejects when it can't be. */
  close(): Promise<void>;
}

/** Rejects when a package is missing. */
export async function loadTracingSdk(): Promise<TracingSdk> {
  const [api, sdk, { OTLPTraceExporter }, resources] = await Promise.all([
    import('@opentelemetry/api'),
    import('@opentelemetry/sdk-trace-node'),
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/resources'),
  ]);
  const { createTraceState, ROOT_CONTEXT, SpanKind, SpanStatusCode, TraceFlags, trace } = api;
  const kinds = {
    server: SpanKind.SERVER,
    internal: SpanKind.INTERNAL,
    client: SpanKind.CLIENT,
  } as const;

  return {
    open({ url, timeoutMs, onExported }) {
      const exporter = new OTLPTraceExporter({ url, timeoutMillis: timeoutMs });
      const ids = createIds(new sdk.RandomIdGenerator());
      // Never registered as the global one: nothing else in the process gets traced.
      const provider = new sdk.NodeTracerProvider({
        idGenerator: ids.generator,
        // OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES win.
        resource: resources
          .defaultResource()
          .merge(resources.resourceFromAttributes({ 'service.name': 'switchyard' }))
          .merge(resources.detectResources({ detectors: [resources.envDetector] })),
        spanProcessors: [new sdk.BatchSpanProcessor(observe(exporter, onExported))],
      });
      const tracer = provider.getTracer('switchyard');

      const under = (parent: SpanContext | undefined) =>
        parent === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, parent);

      function add(
        planned: PlannedSpan,
        parent: SpanContext | undefined,
        drawn: DrawnIds = planned,
      ): void {
        const { name, kind, startMs, endMs, errorType, attributes } = planned;
        const options = { kind: kinds[kind], startTime: startMs, attributes };
        const span = ids.use(drawn, () => tracer.startSpan(name, options, under(parent)));
        // Not sampled, and so nothing under it.
        if (!span.isRecording()) return;
        if (errorType !== undefined) {
          span.setAttribute('error.type', errorType).setStatus({ code: SpanStatusCode.ERROR });
        }
        for (const child of planned.children) add(child, span.spanContext());
        span.end(endMs);
      }

      return {
        begin(parent) {
          // Never ended and so never exported: only the SDK knows its samplers.
          const options = { kind: SpanKind.SERVER };
          const span = tracer.startSpan('request', options, under(parent && toSpanContext(parent)));
          const { traceId, spanId, traceFlags } = span.spanContext();
          return { traceId, spanId, sampled: traceFlags === TraceFlags.SAMPLED };
        },
        add: (span, context) => {
          const { parent, state } = context;
          add(span, parent && toSpanContext(parent, state), context);
        },
        close: () => provider.shutdown(),
      };
    },
  };

  function toSpanContext({ traceId, spanId, sampled }: Traceparent, state?: string): SpanContext {
    const traceFlags = sampled ? TraceFlags.SAMPLED : TraceFlags.NONE;
    const context = { traceId, spanId, traceFlags, isRemote: true };
    return state === undefined ? context : { ...context, traceState: createTraceState(state) };
  }
}

interface DrawnIds {
  readonly traceId?: string | undefined;
  readonly spanId?: string | undefined;
}

/** Gives a span the ids that were drawn for it before; where there are none, random ones. */
function createIds(random: IdGenerator) {
  let drawn: DrawnIds = {};
  return {
    /** For the one span that is started meanwhile: under a parent the SDK asks for no trace id. */
    use<Span>(ids: DrawnIds, start: () => Span): Span {
      drawn = ids;
      try {
        return start();
      } finally {
        drawn = {};
      }
    },
    generator: {
      generateSpanId: () => drawn.spanId ?? random.generateSpanId(),
      generateTraceId: () => drawn.traceId ?? random.generateTraceId(),
    },
  };
}

function observe(
  exporter: SpanExporter,
  onExported: (error: Error | undefined) => void,
): SpanExporter {
  return {
    export(spans: ReadableSpan[], done) {
      exporter.export(spans, (result) => {
        const failure = result.error ?? new Error('the export failed');
        onExported(result.code === 0 ? undefined : failure);
        done(result);
      });
    },
    shutdown: () => exporter.shutdown(),
  };
}
