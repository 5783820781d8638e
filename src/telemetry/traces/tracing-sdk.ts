// The only module that knows OpenTelemetry's packages, which are optional: loaded when there is somebody to export to.
import type { HrTime, SpanContext } from '@opentelemetry/api';
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

const scope = { name: 'switchyard' };
const nothingElse = {
  links: [],
  events: [],
  droppedAttributesCount: 0,
  droppedEventsCount: 0,
  droppedLinksCount: 0,
};

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
      const processor = new sdk.BatchSpanProcessor(observe(exporter, onExported));
      // OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES win.
      const resource = resources
        .defaultResource()
        .merge(resources.resourceFromAttributes({ 'service.name': 'switchyard' }))
        .merge(resources.detectResources({ detectors: [resources.envDetector] }));
      // Never registered as the global one: nothing else in the process gets traced.
      const provider = new sdk.NodeTracerProvider({ resource, spanProcessors: [processor] });
      const tracer = provider.getTracer(scope.name);
      const random = new sdk.RandomIdGenerator();

      const under = (parent: SpanContext | undefined) =>
        parent === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, parent);

      /** It is over already, so it goes to the export as it is, and not through a tracer step by step. */
      function add(planned: PlannedSpan, parent: SpanContext): void {
        const { errorType, startMs, endMs, spanId = random.generateSpanId() } = planned;
        const { traceId, traceFlags, traceState } = parent;
        const ids = { traceId, spanId, traceFlags };
        const context = traceState === undefined ? ids : { ...ids, traceState };
        for (const child of planned.children) add(child, context);
        const failed = errorType === undefined ? undefined : { 'error.type': errorType };
        processor.onEnd({
          name: planned.name,
          kind: kinds[planned.kind],
          spanContext: () => context,
          parentSpanContext: parent,
          startTime: toHrTime(startMs),
          endTime: toHrTime(endMs),
          duration: toHrTime(endMs - startMs),
          status: { code: failed === undefined ? SpanStatusCode.UNSET : SpanStatusCode.ERROR },
          attributes:
            failed === undefined ? planned.attributes : { ...planned.attributes, ...failed },
          resource,
          instrumentationScope: scope,
          ended: true,
          ...nothingElse,
        });
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
              if (!span.isRecording()) return;
              const { name, attributes, errorType, children, endMs } = planned;
              for (const child of children) add(child, span.spanContext());
              span.updateName(name).setAttributes(attributes);
              if (errorType !== undefined) {
                span.setAttribute('error.type', errorType);
                span.setStatus({ code: SpanStatusCode.ERROR });
              }
              span.end(endMs);
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

/** Seconds and nanoseconds. */
function toHrTime(ms: number): HrTime {
  return [Math.floor(ms / 1_000), Math.round((ms % 1_000) * 1e6)];
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
