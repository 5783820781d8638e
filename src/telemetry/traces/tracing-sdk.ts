// The only module that knows OpenTelemetry's packages, which are optional: loaded when there is somebody to export to.
import type { Span, SpanContext } from '@opentelemetry/api';
import type { IdGenerator, ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-node';
import type { PlannedSpan } from './planned-span.ts';
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
  /** The ids of a server's span under this one, and whether the sampler wants it. */
  begin(parent: Traceparent | undefined, how: BeginOptions): BegunSpan;
  /** Exports what is in the queue. Rejects when it can't be. */
  close(): Promise<void>;
}

interface BeginOptions {
  readonly state: string | undefined;
  readonly startMs: number;
}

interface BegunSpan extends Traceparent {
  /** Puts it, and all under it, into the queue. */
  end(planned: PlannedSpan): void;
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

      function add(planned: PlannedSpan, parent: SpanContext): void {
        const { name, kind, startMs, spanId } = planned;
        const options = { kind: kinds[kind], startTime: startMs };
        const start = () => tracer.startSpan(name, options, under(parent));
        end(ids.use(spanId, start), planned);
      }

      function end(span: Span, { attributes, errorType, children, endMs }: PlannedSpan): void {
        span.setAttributes(attributes);
        if (errorType !== undefined) {
          span.setAttribute('error.type', errorType).setStatus({ code: SpanStatusCode.ERROR });
        }
        for (const child of children) add(child, span.spanContext());
        span.end(endMs);
      }

      return {
        begin(parent, { state, startMs }) {
          const options = { kind: SpanKind.SERVER, startTime: startMs };
          const context = under(parent && toSpanContext(parent, state));
          const span = tracer.startSpan('request', options, context);
          const { traceId, spanId, traceFlags } = span.spanContext();
          return {
            traceId,
            spanId,
            sampled: traceFlags === TraceFlags.SAMPLED,
            end(planned) {
              // Not sampled, and so nothing under it.
              if (span.isRecording()) end(span.updateName(planned.name), planned);
            },
          };
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

/** Gives a span the id that was drawn for it before; where there is none, a random one. */
function createIds(random: IdGenerator) {
  let drawn: string | undefined;
  return {
    /** For the one span that is started meanwhile. */
    use<Started>(spanId: string | undefined, start: () => Started): Started {
      drawn = spanId;
      try {
        return start();
      } finally {
        drawn = undefined;
      }
    },
    generator: {
      generateSpanId: () => drawn ?? random.generateSpanId(),
      generateTraceId: () => random.generateTraceId(),
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
