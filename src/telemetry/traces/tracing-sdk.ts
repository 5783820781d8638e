// The only module that knows OpenTelemetry's packages, which are optional: loaded when there is somebody to export to.
import type { HrTime, SpanContext } from '@opentelemetry/api';
import type { ReadableSpan, Sampler } from '@opentelemetry/sdk-trace-node';
import { messageOf } from '../../errors.ts';
import type { PlannedSpan } from './planned-span.ts';
import type { TraceContext } from './trace-context.ts';
import type { Sampling } from './trace-environment.ts';
import type { Traceparent } from './traceparent.ts';

export interface TracingSdk {
  open(options: ExportOptions): TraceExport;
}

interface ExportOptions {
  readonly url: string;
  /** For one export with its retries. */
  readonly timeoutMs: number;
  /** In one export. */
  readonly maxSpans: number;
  readonly sampling: Sampling;
  /** After every export; undefined when it went well. */
  readonly onExported: (error: Error | undefined) => void;
}

interface TraceExport {
  /** The ids of a server's span under this one, and whether the sampler wants it. */
  begin(parent: Traceparent | undefined): Traceparent;
  /** Resolves when they have arrived or are lost. */
  export(traces: readonly EndedTrace[]): Promise<void>;
  /** Waits for what is under way. Rejects when it can't be exported. */
  close(): Promise<void>;
}

interface EndedTrace {
  readonly trace: TraceContext;
  /** The server's, with all under it. */
  readonly span: PlannedSpan;
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

  function createSampler({ sampler, ratio }: Sampling): Sampler {
    switch (sampler) {
      case 'always_on':
        return new sdk.AlwaysOnSampler();
      case 'always_off':
        return new sdk.AlwaysOffSampler();
      case 'traceidratio':
        return new sdk.TraceIdRatioBasedSampler(ratio);
      case 'parentbased_always_on':
        return new sdk.ParentBasedSampler({ root: new sdk.AlwaysOnSampler() });
      case 'parentbased_always_off':
        return new sdk.ParentBasedSampler({ root: new sdk.AlwaysOffSampler() });
      case 'parentbased_traceidratio':
        return new sdk.ParentBasedSampler({ root: new sdk.TraceIdRatioBasedSampler(ratio) });
    }
  }

  function toRemote({ traceId, spanId, sampled }: Traceparent): SpanContext {
    const traceFlags = sampled ? TraceFlags.SAMPLED : TraceFlags.NONE;
    return { traceId, spanId, traceFlags, isRemote: true };
  }

  function toLocal({ traceId, spanId, state }: TraceContext): SpanContext {
    const context = { traceId, spanId, traceFlags: TraceFlags.SAMPLED };
    return state === undefined ? context : { ...context, traceState: createTraceState(state) };
  }

  /** Of another span in the same trace. */
  function beside({ traceId, traceFlags, traceState }: SpanContext, spanId: string): SpanContext {
    const context = { traceId, spanId, traceFlags };
    return traceState === undefined ? context : { ...context, traceState };
  }

  return {
    open({ url, timeoutMs, maxSpans, sampling, onExported }) {
      const exporter = new OTLPTraceExporter({ url, timeoutMillis: timeoutMs });
      // OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES win.
      const resource = resources
        .defaultResource()
        .merge(resources.resourceFromAttributes({ 'service.name': 'switchyard' }))
        .merge(resources.detectResources({ detectors: [resources.envDetector] }));
      const sampler = createSampler(sampling);
      const random = new sdk.RandomIdGenerator();

      /** The span with all under it. They are over already, and so are made as they are, not through a tracer step by step. */
      function toSpans(
        planned: PlannedSpan,
        context: SpanContext,
        parent: SpanContext | undefined,
      ): ReadableSpan[] {
        const { name, kind, startMs, endMs, errorType, attributes } = planned;
        const children = planned.children.flatMap((child) =>
          toSpans(child, beside(context, child.spanId ?? random.generateSpanId()), context),
        );
        const failed = errorType === undefined ? undefined : { 'error.type': errorType };
        const span: ReadableSpan = {
          name,
          kind: kinds[kind],
          spanContext: () => context,
          startTime: toHrTime(startMs),
          endTime: toHrTime(endMs),
          duration: toHrTime(endMs - startMs),
          status: { code: failed === undefined ? SpanStatusCode.UNSET : SpanStatusCode.ERROR },
          attributes: failed === undefined ? attributes : { ...attributes, ...failed },
          resource,
          instrumentationScope: scope,
          ended: true,
          ...nothingElse,
          ...(parent && { parentSpanContext: parent }),
        };
        return [...children, span];
      }

      function send(spans: ReadableSpan[]): Promise<void> {
        return new Promise((resolve) => {
          const end = (error: Error | undefined): void => {
            onExported(error);
            resolve();
          };
          try {
            exporter.export(spans, ({ code, error = new Error('the export failed') }) =>
              end(code === 0 ? undefined : error),
            );
          } catch (error) {
            end(new Error(messageOf(error)));
          }
        });
      }

      return {
        begin(parent) {
          const traceId = parent?.traceId ?? random.generateTraceId();
          const context = parent
            ? trace.setSpanContext(ROOT_CONTEXT, toRemote(parent))
            : ROOT_CONTEXT;
          const kind = SpanKind.SERVER;
          const { decision } = sampler.shouldSample(context, traceId, 'request', kind, {}, []);
          const sampled = decision === sdk.SamplingDecision.RECORD_AND_SAMPLED;
          return { traceId, spanId: random.generateSpanId(), sampled };
        },
        async export(traces) {
          const spans = traces.flatMap(({ trace, span }) =>
            toSpans(span, toLocal(trace), trace.parent && toRemote(trace.parent)),
          );
          const exports: Promise<void>[] = [];
          for (let from = 0; from < spans.length; from += maxSpans) {
            exports.push(send(spans.slice(from, from + maxSpans)));
          }
          await Promise.all(exports);
        },
        close: () => exporter.shutdown(),
      };
    },
  };
}

/** Seconds and nanoseconds. */
function toHrTime(ms: number): HrTime {
  return [Math.floor(ms / 1_000), Math.round((ms % 1_000) * 1e6)];
}
