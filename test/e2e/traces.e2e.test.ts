import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  createOtlpReceiver,
  type OtlpReceiver,
  outline,
  toSpanTree,
} from '../support/otlp-receiver.ts';
import {
  createHome,
  type Home,
  type RunningServer,
  startServer,
} from '../support/run-switchyard.ts';
import {
  completion,
  contentFrames,
  createScriptedUpstream,
  json,
  type ScriptedUpstream,
  sse,
} from '../support/scripted-upstream.ts';
import { twoProtocols } from '../support/two-protocols.ts';

const codingPrompt = 'fix this python error: TypeError: NoneType object is not subscriptable';
const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const spanId = '00f067aa0ba902b7';

let home: Home;
let open: ScriptedUpstream;
let claude: ScriptedUpstream;
let collector: OtlpReceiver;
let server: RunningServer | undefined;

beforeEach(async () => {
  home = createHome();
  open = await createScriptedUpstream();
  claude = await createScriptedUpstream();
  collector = await createOtlpReceiver();
  home.writeConfig(twoProtocols({ open: open.url, claude: claude.url }));
});

afterEach(async () => {
  await server?.stop();
  server = undefined;
  for (const part of [open, claude, collector]) await part.close();
  home.remove();
});

async function start(environment: Record<string, string>): Promise<RunningServer> {
  server = await startServer({ home, environment });
  return server;
}

async function chat(headers: Record<string, string> = {}, more: object = {}): Promise<number> {
  const reply = await fetch(`${server?.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({
      model: 'auto',
      messages: [{ role: 'user', content: codingPrompt }],
      ...more,
    }),
  });
  await reply.text();
  return reply.status;
}

describe('traces', () => {
  it('show a fallback as siblings, in the trace of the client, without the prompt', async () => {
    claude.script(json(529, { type: 'error', error: { message: `too busy: ${codingPrompt}` } }));
    open.script(json(200, completion('from gpt')));
    const { stop, log } = await start({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
    const traceparent = `00-${traceId}-${spanId}-01`;
    const tracestate = 'vendor=of-the-client';
    const headers = {
      traceparent,
      tracestate,
      'x-switchyard-conversation': 'talk-1',
      // The first tier calls no model and looks for no neighbours.
      'x-switchyard-explain': '1',
    };
    expect(await chat(headers)).toBe(200);
    // The end exports what is left.
    expect(await stop()).toBe(0);

    const tree = toSpanTree(collector.spans());
    expect(outline(tree)).toEqual([
      'POST /v1/chat/completions [server]',
      '  route [internal]',
      '    embeddings all-MiniLM-L6-v2 [internal]',
      '    search [internal]',
      '    classify [internal]',
      '  chat claude [client, failed]',
      '  chat gpt [client]',
    ]);
    const { span, children } = tree;
    expect(span).toMatchObject({ traceId, parentSpanId: spanId });
    expect(span.attributes).toMatchObject({
      'switchyard.class': 'coding',
      'switchyard.tier': 'transformer',
      'switchyard.outcome': 'fallback_ok',
      'gen_ai.conversation.id': 'talk-1',
    });
    for (const child of children) {
      expect(child.span.startMs).toBeGreaterThanOrEqual(span.startMs);
      expect(child.span.endMs).toBeLessThanOrEqual(span.endMs);
    }
    expect(children[1]?.span.attributes).toMatchObject({ 'http.response.status_code': 529 });
    expect(children[2]?.span.attributes).toMatchObject({
      'gen_ai.usage.input_tokens': 5,
      'gen_ai.usage.output_tokens': 7,
    });
    expect(JSON.stringify(collector.requests)).not.toContain('NoneType');

    // Each provider can go on from the span of the call to it.
    for (const [provider, position] of [[claude, 1] as const, [open, 2] as const]) {
      const call = children[position]?.span.spanId;
      expect(provider.requests.at(-1)?.headers).toMatchObject({
        traceparent: `00-${traceId}-${call}-01`,
        tracestate,
      });
    }
    const line = log()
      .split('\n')
      .find((each) => each.includes('fallback_ok'));
    expect(JSON.parse(line ?? '')).toMatchObject({ traceId });
  });

  it('are nothing that a provider hears of where none are exported', async () => {
    open.script(json(200, completion('from gpt')));
    await start({});
    const headers = { traceparent: `00-${traceId}-${spanId}-01`, tracestate: 'vendor=1' };
    expect(await chat(headers, { model: 'gpt' })).toBe(200);
    expect(open.requests.at(-1)?.headers).not.toHaveProperty('traceparent');
    expect(open.requests.at(-1)?.headers).not.toHaveProperty('tracestate');
  });

  it('tell of a stream when its first content came, and need no end to be exported', async () => {
    open.script(sse(contentFrames('Hel', 'lo')));
    await start({
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${collector.url}/v1/traces`,
      OTEL_BSP_SCHEDULE_DELAY: '20',
    });
    // Malformed, so the trace is the router's own.
    const traceparent = `00-${traceId}-${'0'.repeat(16)}-01`;
    expect(await chat({ traceparent }, { model: 'gpt', stream: true })).toBe(200);
    const tree = toSpanTree(await collector.received(3));
    expect(outline(tree)).toEqual([
      'POST /v1/chat/completions [server]',
      '  route [internal]',
      '  chat gpt [client]',
    ]);
    expect(tree.span.traceId).not.toBe(traceId);
    expect(tree.span.parentSpanId ?? '').toBe('');
    expect(open.requests.at(-1)?.headers['traceparent']).toBe(
      `00-${tree.span.traceId}-${tree.children[1]?.span.spanId}-01`,
    );
    const call = tree.children[1]?.span;
    expect(call?.attributes['gen_ai.request.stream']).toBe(true);
    const seconds = call?.attributes['gen_ai.response.time_to_first_chunk'];
    expect(seconds).toBeGreaterThan(0);
    expect(seconds).toBeLessThanOrEqual(((call?.endMs ?? 0) - (call?.startMs ?? 0)) / 1_000 + 1e-6);
  });

  it('for a collector that is not there cost one line, neither requests nor a late end', async () => {
    open.script(json(200, completion('from gpt')));
    const nowhere = await createOtlpReceiver();
    await nowhere.close();
    const { stop, log } = await start({
      OTEL_EXPORTER_OTLP_ENDPOINT: nowhere.url,
      OTEL_BSP_SCHEDULE_DELAY: '20',
    });
    for (let asked = 0; asked < 3; asked += 1) expect(await chat({}, { model: 'gpt' })).toBe(200);
    const askedAtMs = performance.now();
    expect(await stop()).toBe(0);
    expect(performance.now() - askedAtMs).toBeLessThan(6_000);
    expect(log().match(/traces are lost/g)).toHaveLength(1);
  });

  it('go nowhere when the SDK is switched off', async () => {
    open.script(json(200, completion('from gpt')));
    const { stop } = await start({
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_SDK_DISABLED: 'true',
    });
    expect(await chat({}, { model: 'gpt' })).toBe(200);
    expect(await stop()).toBe(0);
    expect(collector.requests).toEqual([]);
  });
});
