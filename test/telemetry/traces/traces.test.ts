import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { RecordedAttempt } from '../../../src/telemetry/request-record.ts';
import {
  startAttemptSpan,
  type TraceContext,
} from '../../../src/telemetry/traces/trace-context.ts';
import type { TraceHeaders } from '../../../src/telemetry/traces/traces.ts';
import { outline, toSpanTree } from '../../support/otlp-receiver.ts';
import { makeRequest } from '../decisions/make-request.ts';
import {
  atMs,
  type Collector,
  fallback,
  noHeaders,
  secret,
  startCollector,
} from './start-collector.ts';

let collector: Collector;

beforeEach(async () => {
  collector = await startCollector();
});

describe('the trace of a request', () => {
  it('has the routing and then every attempt under the server’s span', async () => {
    const tree = toSpanTree(await collector.exported(fallback));
    expect(outline(tree)).toEqual([
      'POST /v1/chat/completions [server]',
      '  route [internal]',
      '    embeddings tiny [internal]',
      '    search [internal]',
      '    classify [internal]',
      '  chat claude [client, failed]',
      '  chat gpt [client]',
    ]);
    expect(new Set(collector.receiver.spans().map(({ traceId }) => traceId)).size).toBe(1);
    expect(collector.receiver.requests[0]?.path).toBe('/v1/traces');
  });

  it('has the times of what happened', async () => {
    const times = (await collector.exported(fallback)).map(({ name, startMs, endMs }) => {
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
    const spans = await collector.exported(fallback);
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
    await collector.exported(fallback);
    expect(collector.receiver.requests.length).toBeGreaterThan(0);
    expect(JSON.stringify(collector.receiver.requests)).not.toContain(secret);
  });

  it('goes on with the trace that the client has it in', async () => {
    const traceparent = `00-${'4'.repeat(32)}-${'5'.repeat(16)}-01`;
    const tracestate = 'one=1,other=2';
    const { span, children } = toSpanTree(
      await collector.exported({}, { traceparent, tracestate }),
    );
    expect(span).toMatchObject({ traceId: '4'.repeat(32), parentSpanId: '5'.repeat(16) });
    for (const { traceState } of [span, ...children.map((child) => child.span)]) {
      expect(traceState).toBe(tracestate);
    }
  });

  it('is not kept where the client keeps none', async () => {
    const traceparent = `00-${'4'.repeat(32)}-${'5'.repeat(16)}-00`;
    expect(await collector.exported({}, { traceparent })).toEqual([]);
  });

  it('has the ids that were drawn when it came', async () => {
    const traces = await collector.open();
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
    expect(new Set(collector.receiver.spans().map(({ spanId }) => spanId)).size).toBe(3 * 7);
    for (const { trace, attempt } of begun) {
      const spans = collector.receiver.spans().filter(({ traceId }) => traceId === trace.traceId);
      const { span, children } = toSpanTree(spans);
      expect(span).toMatchObject({ spanId: trace.spanId, parentSpanId: undefined });
      expect(children.map((child) => child.span.spanId)).toContain(attempt.spanId);
    }
  });

  it('leaves its ids to no other trace, also where nobody was asked', async () => {
    const traces = await collector.open();
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
    const traces = await collector.open();
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
    const traces = await collector.open();
    expect(traces?.begin({ ...noHeaders, traceparent }).sampled).toBe(sampled);
    await traces?.close();
  });

  it('keeps nothing of a state that came without a trace, or is malformed', async () => {
    const traces = await collector.open();
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
