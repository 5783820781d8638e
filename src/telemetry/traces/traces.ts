import type { Clock } from '../../clock.ts';
import type { Environment } from '../../config/load.ts';
import { messageOf } from '../../errors.ts';
import { createDropReport } from '../drop-report.ts';
import { createGathering } from '../gathering.ts';
import type { Logger } from '../log.ts';
import type { Recorder, RequestRecord } from '../request-record.ts';
import { type TracedEncoder, toRequestSpan } from './request-span.ts';
import { createSendQueue } from './send-queue.ts';
import type { TraceContext } from './trace-context.ts';
import { readTraceEnvironment } from './trace-environment.ts';
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
  /** Draws the ids of a request, in the client's trace if its headers name one. */
  begin(headers: TraceHeaders): TraceContext;
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
  readonly environment: Environment;
  readonly encoder: TracedEncoder;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly loadSdk?: () => Promise<TracingSdk>;
}

/** Traces that leave at once, for some milliseconds of work; each export has its price, however large. */
const exportSize = 64;
/** How long the end of the process may wait for exports. */
const closingMs = 3_000;

/** A trace of every request, its ids drawn when it comes, all else made when it is over. Undefined where nobody wants them, or the packages are missing. */
export async function openTraces(options: TracesOptions): Promise<Traces | undefined> {
  const { settings, environment, encoder, clock, logger, loadSdk = loadTracingSdk } = options;
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

  const { exportEveryMs, ...how } = readTraceEnvironment(environment, (problem) =>
    logger.warn(problem),
  );
  let isFailing = false;
  const traces = sdk.open({
    url,
    ...how,
    onExported(error) {
      if (error !== undefined && !isFailing) {
        logger.warn({ reason: messageOf(error), url }, 'traces are lost: they can not be exported');
      }
      if (error === undefined && isFailing) logger.info({ url }, 'traces are exported again');
      isFailing = error !== undefined;
    },
  });

  const report = createDropReport('traces', clock, logger);
  const queue = createSendQueue<TracedRequest>({
    // Made when they leave: a record is there anyway, and half a dozen spans would wait beside it.
    send: (requests) =>
      traces.export(
        requests.map(({ trace, request }) => ({ trace, span: toRequestSpan(request, encoder) })),
      ),
    onDropped: (count) => report.add(count, 'the collector does not keep up'),
  });
  const ended = createGathering<TracedRequest>(queue.add, clock, {
    size: exportSize,
    everyMs: exportEveryMs,
  });
  return {
    begin({ traceparent, tracestate }) {
      const parent = parseTraceparent(traceparent);
      // Without the one, the other says nothing.
      const state = parent && parseTracestate(tracestate);
      return { parent, state, ...traces.begin(parent) };
    },
    record(request) {
      const { trace } = request;
      if (trace?.sampled) ended.add({ trace, request });
    },
    async close() {
      ended.flush();
      queue.flush();
      report.close();
      // What could not be exported has been logged already.
      const flushed = traces.close().catch(() => {});
      await new Promise<void>((resolve) => {
        const deadline = clock.setTimer(closingMs, resolve);
        void flushed.then(() => {
          deadline.cancel();
          resolve();
        });
      });
    },
  };
}

interface TracedRequest {
  readonly trace: TraceContext;
  readonly request: RequestRecord;
}

function tracesUrl(settings: TracesSettings): string | undefined {
  const { enabled, otlpEndpoint, otlpTracesEndpoint } = settings;
  if (!enabled) return undefined;
  if (otlpTracesEndpoint !== undefined) return otlpTracesEndpoint;
  return otlpEndpoint === undefined ? undefined : `${otlpEndpoint.replace(/\/$/, '')}/v1/traces`;
}
