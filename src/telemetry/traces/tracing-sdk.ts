// The only module that knows OpenTelemetry's packages, which are optional: loaded when there is somebody to export to.
import type { SpanContext } from '@opentelemetry/api';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-node';
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
  /** Puts a span and all under it into the queue. */
  add(span: PlannedSpan, parent: Traceparent | undefined): void;
  /** Exports what is in the queue. Rejects when it can't be. */
  close(): Promise<void>;
}

/** Rejects when a package is missing. */
export async function loadTracingSdk(): Promise<TracingSdk> {
  const [api, { NodeTracerProvider, BatchSpanProcessor }, { OTLPTraceExporter }, resources] =
    await Promise.all([
      import('@opentelemetry/api'),
      import('@opentelemetry/sdk-trace-node'),
      import('@opentelemetry/exporter-trace-otlp-http'),
      import('@opentelemetry/resources'),
    ]);
  const { ROOT_CONTEXT, SpanKind, SpanStatusCode, TraceFlags, trace } = api;
  const kinds = {
    server: SpanKind.SERVER,
    internal: SpanKind.INTERNAL,
    client: SpanKind.CLIENT,
  } as const;

  return {
    open({ url, timeoutMs, onExported }) {
      const exporter = new OTLPTraceExporter({ url, timeoutMillis: timeoutMs });
      // Never registered as the global one: nothing else in the process gets traced.
      const provider = new NodeTracerProvider({
        // OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES win.
        resource: resources
          .defaultResource()
          .merge(resources.resourceFromAttributes({ 'service.name': 'switchyard' }))
          .merge(resources.detectResources({ detectors: [resources.envDetector] })),
        spanProcessors: [new BatchSpanProcessor(observe(exporter, onExported))],
      });
      const tracer = provider.getTracer('switchyard');

      function add(planned: PlannedSpan, parent: SpanContext | undefined): void {
        const { name, kind, startMs, endMs, errorType, attributes } = planned;
        const context =
          parent === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, parent);
        const span = tracer.startSpan(
          name,
          { kind: kinds[kind], startTime: startMs, attributes },
          context,
        );
        // Not sampled, and so nothing under it.
        if (!span.isRecording()) return;
        if (errorType !== undefined) {
          span.setAttribute('error.type', errorType).setStatus({ code: SpanStatusCode.ERROR });
        }
        for (const child of planned.children) add(child, span.spanContext());
        span.end(endMs);
      }

      return {
        add: (span, parent) => add(span, parent && toSpanContext(parent)),
        close: () => provider.shutdown(),
      };
    },
  };

  function toSpanContext({ traceId, spanId, sampled }: Traceparent): SpanContext {
    const traceFlags = sampled ? TraceFlags.SAMPLED : TraceFlags.NONE;
    return { traceId, spanId, traceFlags, isRemote: true };
  }
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
