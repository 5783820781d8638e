import { beforeEach, describe, expect, it, vi } from 'vitest';
import { createFakeClock } from '../../support/fake-clock.ts';
import { createOtlpReceiver } from '../../support/otlp-receiver.ts';
import { makeRequest } from '../decisions/make-request.ts';
import { type Collector, fallback, noHeaders, startCollector } from './start-collector.ts';

let collector: Collector;

beforeEach(async () => {
  collector = await startCollector();
});

describe('what the environment says', () => {
  it('names the service, and what else there is to know of it', async () => {
    await collector.exported();
    expect(collector.receiver.resource()['service.name']).toBe('switchyard');
    vi.stubEnv('OTEL_SERVICE_NAME', 'gateway');
    vi.stubEnv('OTEL_RESOURCE_ATTRIBUTES', 'deployment.environment.name=test');
    const other = await createOtlpReceiver();
    const traces = await collector.open({ otlpEndpoint: other.url });
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
    await collector.exported();
    expect(collector.receiver.requests[0]?.headers['x-tenant']).toBe('one');
    const before = collector.receiver.spans().length;
    vi.stubEnv('OTEL_TRACES_SAMPLER', 'always_off');
    expect((await collector.exported()).length).toBe(before);
  });
});

describe('an export', () => {
  async function openCounting() {
    const clock = createFakeClock();
    const sizes: number[] = [];
    const ids = { traceId: '1'.repeat(32), spanId: '2'.repeat(16), sampled: true };
    const sdk = {
      begin: () => ids,
      export: async (traces: readonly object[]) => void sizes.push(traces.length),
      close: async () => {},
    };
    const traces = await collector.open(undefined, {
      clock,
      loadSdk: async () => ({ open: () => sdk }),
    });
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
    for (let count = 0; count < 65; count += 1) add();
    expect(sizes).toEqual([64]);
  });

  it('is of the size that OTEL_BSP_MAX_EXPORT_BATCH_SIZE says', async () => {
    vi.stubEnv('OTEL_BSP_MAX_EXPORT_BATCH_SIZE', '4');
    await collector.exported(fallback);
    expect(collector.receiver.spans().length).toBe(7);
    expect(collector.receiver.requests.length).toBe(2);
  });
});

describe('a variable that makes no sense', () => {
  it('is passed over, with one line', async () => {
    vi.stubEnv('OTEL_TRACES_SAMPLER', 'jaeger_remote');
    expect((await collector.exported()).length).toBeGreaterThan(0);
    expect(collector.lines).toMatchObject([
      { level: 40, msg: expect.stringContaining('OTEL_TRACES_SAMPLER is "jaeger_remote"') },
    ]);
  });
});

describe('the address', () => {
  it('can be the whole one', async () => {
    const traces = await collector.open({
      otlpEndpoint: 'http://127.0.0.1:9',
      otlpTracesEndpoint: `${collector.receiver.url}/elsewhere`,
    });
    traces?.record(makeRequest({ trace: traces.begin(noHeaders) }));
    await traces?.close();
    expect(collector.receiver.requests.map(({ path }) => path)).toEqual(['/elsewhere']);
  });

  it('can be missing, and then nothing is loaded', async () => {
    const loadSdk = vi.fn();
    expect(await collector.open({}, { loadSdk })).toBeUndefined();
    expect(
      await collector.open({ enabled: false, otlpEndpoint: collector.receiver.url }, { loadSdk }),
    ).toBeUndefined();
    expect(loadSdk).not.toHaveBeenCalled();
    expect(collector.lines).toEqual([]);
  });
});

describe('when there is nothing to export with or to', () => {
  const ids = { traceId: '1'.repeat(32), spanId: '2'.repeat(16), sampled: true };
  const sdk = { begin: () => ids, export: async () => {}, close: async () => {} };

  it('says what to install', async () => {
    const loadSdk = () => Promise.reject(new Error('Cannot find package'));
    expect(
      await collector.open({ otlpEndpoint: collector.receiver.url }, { loadSdk }),
    ).toBeUndefined();
    expect(collector.lines).toMatchObject([
      { level: 40, msg: expect.stringContaining('npm install @opentelemetry/sdk-trace-node') },
    ]);
  });

  it('says once that exports fail, and when they work again', async () => {
    let report: ((error: Error | undefined) => void) | undefined;
    await collector.open(undefined, {
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
    expect(collector.lines.map(({ level, reason }) => [level, reason])).toEqual([
      [40, 'refused'],
      [30, undefined],
    ]);
  });

  it('loses the traces of a collector that refuses them, with one line', async () => {
    const refusing = await createOtlpReceiver({ status: 400 });
    const traces = await collector.open({ otlpEndpoint: refusing.url });
    traces?.record(makeRequest({ trace: traces.begin(noHeaders) }));
    await traces?.close();
    expect(refusing.requests.length).toBe(1);
    expect(collector.lines).toMatchObject([{ level: 40, url: `${refusing.url}/v1/traces` }]);
    await refusing.close();
  });

  it('does not wait for ever at the end', async () => {
    const clock = createFakeClock();
    const traces = await collector.open(undefined, {
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
