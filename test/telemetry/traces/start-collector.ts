import { onTestFinished, vi } from 'vitest';
import { systemClock } from '../../../src/clock.ts';
import { createLogger } from '../../../src/telemetry/log.ts';
import type { RequestRecord } from '../../../src/telemetry/request-record.ts';
import {
  openTraces,
  type TraceHeaders,
  type Traces,
  type TracesOptions,
  type TracesSettings,
} from '../../../src/telemetry/traces/traces.ts';
import { createOtlpReceiver, type OtlpReceiver } from '../../support/otlp-receiver.ts';
import { makeRequest } from '../decisions/make-request.ts';

export const atMs = 1_700_000_000_000;
export const secret = 'the text of the prompt';
const usage = {
  inputTokens: 5,
  cachedInputTokens: 20,
  cacheWriteTokens: 0,
  outputTokens: 7,
  reasoningTokens: 0,
};

/** The first of two candidates failed, the second streamed. */
export const fallback: Partial<RequestRecord> = {
  atMs,
  durationMs: 500,
  conversation: 'talk-1',
  stream: true,
  outcome: 'fallback_ok',
  text: secret,
  routing: { startedAtMs: atMs + 1, durationMs: 4 },
  timings: { embedMs: 2, searchMs: 0.5, weighMs: 1.5 },
  attempts: [
    {
      model: 'claude',
      provider: 'anthropic',
      className: 'coding',
      startedAtMs: atMs + 6,
      durationMs: 40,
      outcome: 'failed',
      status: 529,
      cause: 'server-error',
      message: `overloaded by ${secret}`,
    },
    {
      model: 'gpt',
      provider: 'openai',
      className: 'coding',
      startedAtMs: atMs + 47,
      durationMs: 450,
      firstContentMs: 250,
      outcome: 'ok',
      usage,
      costUsd: 0.25,
    },
  ],
};

export const noHeaders = { traceparent: undefined, tracestate: undefined };

export interface Collector {
  readonly receiver: OtlpReceiver;
  /** What has been logged. */
  readonly lines: Record<string, unknown>[];
  open(
    settings?: Partial<TracesSettings>,
    options?: Partial<TracesOptions>,
  ): Promise<Traces | undefined>;
  /** Begins and records one request, sends what there is, and gives what has arrived. */
  exported(
    fields?: Partial<RequestRecord>,
    headers?: Partial<TraceHeaders>,
  ): Promise<ReturnType<OtlpReceiver['spans']>>;
}

/** Of one test, which may set variables of the environment. */
export async function startCollector(): Promise<Collector> {
  const receiver = await createOtlpReceiver();
  onTestFinished(async () => {
    vi.unstubAllEnvs();
    await receiver.close();
  });
  const lines: Record<string, unknown>[] = [];
  const logger = createLogger('info', { write: (line) => void lines.push(JSON.parse(line)) });

  const open: Collector['open'] = (settings = { otlpEndpoint: receiver.url }, options = {}) =>
    openTraces({
      settings: { enabled: true, ...settings },
      environment: process.env,
      encoder: { id: 'tiny', dimensions: 8 },
      clock: systemClock,
      logger,
      ...options,
    });

  return {
    receiver,
    lines,
    open,
    async exported(fields = {}, headers = {}) {
      const traces = await open();
      const request = makeRequest(fields);
      const trace = traces?.begin({ ...noHeaders, ...headers });
      traces?.record({ ...request, trace });
      await traces?.close();
      return receiver.spans();
    },
  };
}
