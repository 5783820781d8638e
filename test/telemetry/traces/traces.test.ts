import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../../src/clock.ts';
import { createLogger } from '../../../src/telemetry/log.ts';
import type { RecordedAttempt, RequestRecord } from '../../../src/telemetry/request-record.ts';
import {
  startAttemptSpan,
  type TraceContext,
} from '../../../src/telemetry/traces/trace-context.ts';
import {
  openTraces,
  type TraceHeaders,
  type Traces,
  type TracesOptions,
  type TracesSettings,
} from '../../../src/telemetry/traces/traces.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import {
  createOtlpReceiver,
  type OtlpReceiver,
  outline,
  toSpanTree,
} from '../../support/otlp-receiver.ts';
import { makeRequest } from '../decisions/make-request.ts';

const atMs = 1_700_000_000_000;
const secret = 'the text of the prompt';
const usage = {
  inputTokens: 5,
  cachedInputTokens: 20,
  cacheWriteTokens: 0,
  outputTokens: 7,
  reasoningTokens: 0,
};

/** The first of two candidates failed, the second streamed. */
const fallback: Partial<RequestRecord> = {
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

let receiver: OtlpReceiver;
let lines: Record<string, unknown>[];

beforeEach(async () => {
  receiver = await createOtlpReceiver();
  lines = [];
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await receiver.close();
});

function open(
  settings: Partial<TracesSettings> = { otlpEndpoint: receiver.url },
  options: Partial<TracesOptions> = {},
): Promise<Traces | undefined> {
  const logger = createLogger('info', { write: (line) => void lines.push(JSON.parse(line)) });
  const encoder = { id: 'tiny', dimensions: 8 };
  const enabled = true;
  return openTraces({
    settings: { enabled, ...settings },
    environment: process.env,
    encoder,
    clock: systemClock,
    logger,
    ...options,
  });
}

const noHeaders = { traceparent: undefined, tracestate: undefined };

/** Begins and records one request, sends what there is, and gives what has arrived. */
async function exported(fields: Partial<RequestRecord> = {}, headers: Partial<TraceHeaders> = {}) {
  const traces = await open();
  const request = makeRequest(fields);
  const trace = traces?.begin({ ...noHeaders, ...headers });
  traces?.record({ ...request, trace });
  await traces?.close();
  return receiver.spans();
}

describe('the trace of a request', () => {
  it('has the routing and then every attempt under the server’s span', async () => {
    const tree = toSpanTree(await exported(fallback));
    expect(outline(tree)).toEqual([
      'POST /v1/chat/completions [server]',
      '  route [internal]',
      '    embeddings tiny [internal]',
      '    search [internal]',
      '    classify [internal]',
      '  chat claude [client, failed]',
      '  chat gpt [client]',
    ]);
    expect(new Set(receiver.spans().map(({ traceId }) => traceId)).size).toBe(1);
    expect(receiver.requests[0]?.path).toBe('/v1/traces');
  });

  it('has the times of what happened', async () => {
    const times = (await exported(fallback)).map(({ name, startMs, endMs }) => {
      return [name, Math.round((startMs - atMs) * 10) / 10, Math.round((endMs - atMs) * 10) / 10];
    });
    expect(Object.fromEntries(times.map(([name, ...rest]) => [name, rest]))).toEqual({
      'POST /v1/chat/completions': [0, 500],
      route: [1, 5],
      'embeddings tiny': [1, 3],
      search: [3, 3.5],
      classify: [3.5, 5],
      'chat claude': [6, 46],
      'chat gpt': [47, 497],
    });
  });

  it('says in the words of the conventions what was asked of whom, and what came of it', async () => {
    const spans = await exported(fallback);
    const named = (name: string) => spans.find((span) => span.name === name)?.attributes;
    expect(named('POST /v1/chat/completions')).toMatchObject({
      'http.request.method': 'POST',
      'http.route': '/v1/chat/completions',
      'http.response.status_code': 200,
      'gen_ai.conversation.id': 'talk-1',
      'switchyard.decision_id': 'dec_1',
      'switchyard.class': 'coding',
      'switchyard.confidence': 0.8,
      'switchyard.outcome': 'fallback_ok',
    });
    expect(named('embeddings tiny')).toEqual({
      'gen_ai.operation.name': 'embeddings',
      'gen_ai.provider.name': 'switchyard',
      'gen_ai.request.model': 'tiny',
      'gen_ai.embeddings.dimension.count': 8,
    });
    expect(named('chat claude')).toEqual({
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'anthropic',
      'gen_ai.request.model': 'claude',
      'gen_ai.request.stream': true,
      'gen_ai.conversation.id': 'talk-1',
      'http.response.status_code': 529,
      'switchyard.attempt': 1,
      'switchyard.class': 'coding',
      'switchyard.outcome': 'failed',
      'error.type': 'server-error',
    });
    expect(named('chat gpt')).toMatchObject({
      'gen_ai.usage.input_tokens': 25,
      'gen_ai.usage.cache_read.input_tokens': 20,
      'gen_ai.usage.output_tokens': 7,
      'gen_ai.response.time_to_first_chunk': 0.25,
      'switchyard.attempt': 2,
      'switchyard.cost_usd': 0.25,
    });
  });

  it('has nothing of the prompt, nor of what a provider says about it', async () => {
    await exported(fallback);
    expect(receiver.requests.length).toBeGreaterThan(0);
    expect(JSON.stringify(receiver.requests)).not.toContain(secret);
  });

  it('goes on with the trace that the client has it in', async () => {
    const traceparent = `00-${'4'.repeat(32)}-${'5'.repeat(16)}-01`;
    const tracestate = 'one=1,other=2';
    const { span, children } = toSpanTree(await exported({}, { traceparent, tracestate }));
    expect(span).toMatchObject({ traceId: '4'.repeat(32), parentSpanId: '5'.repeat(16) });
    for (const { traceState } of [span, ...children.map((child) => child.span)]) {
      expect(traceState).toBe(tracestate);
    }
  });

  it('is not kept where the client keeps none', async () => {
    const traceparent = `00-${'4'.repeat(32)}-${'5'.repeat(16)}-00`;
    expect(await exported({}, { traceparent })).toEqual([]);
  });

  it('has the ids that were drawn when it came', async () => {
    const traces = await open();
    const [first] = makeRequest().attempts as [RecordedAttempt];
    const begun = [1, 2, 3].map(() => {
      const trace = traces?.begin(noHeaders) as TraceContext;
      return { trace, attempt: startAttemptSpan(trace) };
    });
    for (const { trace, attempt } of begun.toReversed()) {
      traces?.record(
        makeRequest({ trace, attempts: [first, { ...first, spanId: attempt.spanId }] }),
      );
    }
    await traces?.close();
    expect(new Set(receiver.spans().map(({ spanId }) => spanId)).size).toBe(3 * 7);
    for (const { trace, attempt } of begun) {
      const spans = receiver.spans().filter(({ traceId }) => traceId === trace.traceId);
      const { span, children } = toSpanTree(spans);
      expect(span).toMatchObject({ spanId: trace.spanId, parentSpanId: undefined });
      expect(children.map((child) => child.span.spanId)).toContain(attempt.spanId);
    }
  });

  it('leaves its ids to no other trace, also where nobody was asked', async () => {
    const traces = await open();
    const traceparent = `00-${'4'.repeat(32)}-${'5'.repeat(16)}-01`;
    const trace = traces?.begin({ ...noHeaders, traceparent });
    traces?.record(makeRequest({ trace, attempts: [] }));
    expect(traces?.begin(noHeaders).traceId).not.toBe(trace?.traceId);
    await traces?.close();
  });

  it.each([
    ['always_on', '', true],
    ['always_off', '', false],
    ['traceidratio', '1', true],
    ['traceidratio', '0', false],
    ['parentbased_always_on', '', true],
    ['parentbased_always_off', '', false],
    ['parentbased_traceidratio', '0', false],
  ])('tells the provider what the sampler decided: %s %s', async (sampler, ratio, sampled) => {
    vi.stubEnv('OTEL_TRACES_SAMPLER', sampler);
    vi.stubEnv('OTEL_TRACES_SAMPLER_ARG', ratio);
    const traces = await open();
    const trace = traces?.begin(noHeaders) as TraceContext;
    expect(trace).toMatchObject({ sampled, parent: undefined, state: undefined });
    const { spanId, headers } = startAttemptSpan(trace);
    const flags = sampled ? '01' : '00';
    expect(headers).toEqual({ traceparent: `00-${trace.traceId}-${spanId}-${flags}` });
    await traces?.close();
  });

  it.each([
    ['parentbased_always_off', true],
    ['always_off', false],
  ])('follows what its client decided, where the sampler does: %s', async (sampler, sampled) => {
    vi.stubEnv('OTEL_TRACES_SAMPLER', sampler);
    const traceparent = `00-${'4'.repeat(32)}-${'5'.repeat(16)}-01`;
    const traces = await open();
    expect(traces?.begin({ ...noHeaders, traceparent }).sampled).toBe(sampled);
    await traces?.close();
  });

  it('keeps nothing of a state that came without a trace, or is malformed', async () => {
    const traces = await open();
    const traceparent = `00-${'4'.repeat(32)}-${'5'.repeat(16)}-01`;
    const stateOf = (headers: Partial<TraceHeaders>) =>
      traces?.begin({ ...noHeaders, ...headers }).state;
    expect(stateOf({ traceparent, tracestate: 'a=1' })).toBe('a=1');
    expect(stateOf({ traceparent, tracestate: 'a=1\u0007' })).toBeUndefined();
    expect(stateOf({ traceparent: 'nonsense', tracestate: 'a=1' })).toBeUndefined();
    expect(stateOf({ tracestate: 'a=1' })).toBeUndefined();
    await traces?.close();
  });
});

describe('what the environment says', () => {
  it('names the service, and what else there is to know of it', async () => {
    await exported();
    expect(receiver.resource()['service.name']).toBe('switchyard');
    vi.stubEnv('OTEL_SERVICE_NAME', 'gateway');
    vi.stubEnv('OTEL_RESOURCE_ATTRIBUTES', 'deployment.environment.name=test');
    const other = await createOtlpReceiver();
    const traces = await open({ otlpEndpoint: other.url });
    traces?.record(makeRequest({ trace: traces.begin(noHeaders) }));
    await traces?.close();
    expect(other.resource()).toMatchObject({
      'service.name': 'gateway',
      'deployment.environment.name': 'test',
    });
    await other.close();
  });

  it('gives the headers that a collector wants, and the sampler', async () => {
    vi.stubEnv('OTEL_EXPORTER_OTLP_HEADERS', 'x-tenant=one');
    await exported();
    expect(receiver.requests[0]?.headers['x-tenant']).toBe('one');
    const before = receiver.spans().length;
    vi.stubEnv('OTEL_TRACES_SAMPLER', 'always_off');
    expect((await exported()).length).toBe(before);
  });
});

describe('an export', () => {
  async function openCounting() {
    const clock = createFakeClock();
    const sizes: number[] = [];
    const ids = { traceId: '1'.repeat(32), spanId: '2'.repeat(16), sampled: true };
    const sdk = {
      begin: () => ids,
      export: (traces: readonly object[]) => void sizes.push(traces.length),
      close: async () => {},
    };
    const traces = await open(undefined, { clock, loadSdk: async () => ({ open: () => sdk }) });
    const add = () => traces?.record(makeRequest({ trace: traces.begin(noHeaders) }));
    return { clock, sizes, add };
  }

  it('waits for others as long as OTEL_BSP_SCHEDULE_DELAY says', async () => {
    vi.stubEnv('OTEL_BSP_SCHEDULE_DELAY', '700');
    const { clock, sizes, add } = await openCounting();
    add();
    clock.advance(600);
    add();
    expect(sizes).toEqual([]);
    clock.advance(100);
    expect(sizes).toEqual([2]);
  });

  it('leaves at once with many', async () => {
    const { sizes, add } = await openCounting();
    for (let count = 0; count < 33; count += 1) add();
    expect(sizes).toEqual([32]);
  });

  it('is of the size that OTEL_BSP_MAX_EXPORT_BATCH_SIZE says', async () => {
    vi.stubEnv('OTEL_BSP_MAX_EXPORT_BATCH_SIZE', '4');
    await exported(fallback);
    expect(receiver.spans().length).toBe(7);
    expect(receiver.requests.length).toBe(2);
  });
});

describe('a variable that makes no sense', () => {
  it('is passed over, with one line', async () => {
    vi.stubEnv('OTEL_TRACES_SAMPLER', 'jaeger_remote');
    expect((await exported()).length).toBeGreaterThan(0);
    expect(lines).toMatchObject([
      { level: 40, msg: expect.stringContaining('OTEL_TRACES_SAMPLER is "jaeger_remote"') },
    ]);
  });
});

describe('the address', () => {
  it('can be the whole one', async () => {
    const traces = await open({
      otlpEndpoint: 'http://127.0.0.1:9',
      otlpTracesEndpoint: `${receiver.url}/elsewhere`,
    });
    traces?.record(makeRequest({ trace: traces.begin(noHeaders) }));
    await traces?.close();
    expect(receiver.requests.map(({ path }) => path)).toEqual(['/elsewhere']);
  });

  it('can be missing, and then nothing is loaded', async () => {
    const loadSdk = vi.fn();
    expect(await open({}, { loadSdk })).toBeUndefined();
    expect(await open({ enabled: false, otlpEndpoint: receiver.url }, { loadSdk })).toBeUndefined();
    expect(loadSdk).not.toHaveBeenCalled();
    expect(lines).toEqual([]);
  });
});

describe('when there is nothing to export with or to', () => {
  const ids = { traceId: '1'.repeat(32), spanId: '2'.repeat(16), sampled: true };
  const sdk = { begin: () => ids, export() {}, close: async () => {} };

  it('says what to install', async () => {
    const loadSdk = () => Promise.reject(new Error('Cannot find package'));
    expect(await open({ otlpEndpoint: receiver.url }, { loadSdk })).toBeUndefined();
    expect(lines).toMatchObject([
      { level: 40, msg: expect.stringContaining('npm install @opentelemetry/sdk-trace-node') },
    ]);
  });

  it('says once that exports fail, and when they work again', async () => {
    let report: ((error: Error | undefined) => void) | undefined;
    await open(undefined, {
      loadSdk: async () => ({
        open({ onExported }) {
          report = onExported;
          return sdk;
        },
      }),
    });
    for (const error of [new Error('refused'), new Error('refused'), undefined, undefined]) {
      report?.(error);
    }
    expect(lines.map(({ level, reason }) => [level, reason])).toEqual([
      [40, 'refused'],
      [30, undefined],
    ]);
  });

  it('loses the traces of a collector that refuses them, with one line', async () => {
    const refusing = await createOtlpReceiver({ status: 400 });
    const traces = await open({ otlpEndpoint: refusing.url });
    traces?.record(makeRequest({ trace: traces.begin(noHeaders) }));
    await traces?.close();
    expect(refusing.requests.length).toBe(1);
    expect(lines).toMatchObject([{ level: 40, url: `${refusing.url}/v1/traces` }]);
    await refusing.close();
  });

  it('does not wait for ever at the end', async () => {
    const clock = createFakeClock();
    const traces = await open(undefined, {
      clock,
      loadSdk: async () => ({
        open: () => ({ ...sdk, close: () => new Promise<void>(() => {}) }),
      }),
    });
    const closed = traces?.close();
    clock.advance(3_000);
    await closed;
    expect(clock.pending()).toBe(0);
  });
});
