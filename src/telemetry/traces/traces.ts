import type { Clock } from '../../clock.ts';
import { messageOf } from '../../errors.ts';
import { createGathering } from '../gathering.ts';
import type { Logger } from '../log.ts';
import type { Recorder, RequestRecord } from '../request-record.ts';
import { type TracedEncoder, toRequestSpan } from './request-span.ts';
import type { TraceContext } from './trace-context.ts';
import { parseTraceparent, parseTracestate } from './traceparent.ts';
import { loadTracingSdk, type TracingSdk } from './tracing-sdk.ts';

/** Where traces go; nowhere without an endpoint. */
export interface TracesSettings {
  readonly enabled: boolean;
  /** A collector's base address. */
  readonly otlpEndpoint?: string | undefined;
  /** The whole address for traces, where it is another. */
  readonly otlpTracesEndpoint?: string | undefined;
}

export interface Traces extends Recorder {
  /** Draws the ids of a request that came at `startMs`, in the client's trace if its headers name one. */
  begin(headers: TraceHeaders, startMs: number): TraceContext;
  /** Exports what is left, within a deadline. */
  close(): Promise<void>;
}

/** As they came, not yet looked at. */
export interface TraceHeaders {
  readonly traceparent: string | undefined;
  readonly tracestate: string | undefined;
}

export interface TracesOptions {
  readonly settings: TracesSettings;
  readonly encoder: TracedEncoder;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly loadSdk?: () => Promise<TracingSdk>;
}

/** For one export with its retries, and so for what keeps the process from ending. */
const exportMs = 3_000;

/** A trace of every request, its ids drawn when it comes, all else made when it is over. Undefined where nobody wants them, or the packages are missing. */
export async function openTraces(options: TracesOptions): Promise<Traces | undefined> {
  const { settings, encoder, clock, logger, loadSdk = loadTracingSdk } = options;
  const url = tracesUrl(settings);
  if (url === undefined) return undefined;
  let sdk: TracingSdk;
  try {
    sdk = await loadSdk();
  } catch (error) {
    logger.warn(
      { reason: messageOf(error) },
      'no traces: npm install @opentelemetry/sdk-trace-node @opentelemetry/exporter-trace-otlp-http @opentelemetry/resources',
    );
    return undefined;
  }

  let isFailing = false;
  const traces = sdk.open({
    url,
    timeoutMs: exportMs,
    onExported(error) {
      if (error !== undefined && !isFailing) {
        logger.warn({ reason: messageOf(error), url }, 'traces are lost: they can not be exported');
      }
      if (error === undefined && isFailing) logger.info({ url }, 'traces are exported again');
      isFailing = error !== undefined;
    },
  });

  const recorded = createGathering<RequestRecord>(
    (request) => request.trace?.end(toRequestSpan(request, encoder)),
    clock,
  );
  return {
    begin({ traceparent, tracestate }, startMs) {
      const parent = parseTraceparent(traceparent);
      // Without the one, the other says nothing.
      const state = parent && parseTracestate(tracestate);
      return { parent, state, ...traces.begin(parent, { state, startMs }) };
    },
    record: recorded.add,
    async close() {
      recorded.flush();
      // What could not be exported has been logged already.
      const flushed = traces.close().catch(() => {});
      await new Promise<void>((resolve) => {
        const deadline = clock.setTimer(exportMs, resolve);
        void flushed.then(() => {
          deadline.cancel();
          resolve();
        });
      });
    },
  };
}

function tracesUrl(settings: TracesSettings): string | undefined {
  const { enabled, otlpEndpoint, otlpTracesEndpoint } = settings;
  if (!enabled) return undefined;
  if (otlpTracesEndpoint !== undefined) return otlpTracesEndpoint;
  return otlpEndpoint === undefined ? undefined : `${otlpEndpoint.replace(/\/$/, '')}/v1/traces`;
}
