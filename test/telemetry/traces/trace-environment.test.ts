import { describe, expect, it } from 'vitest';
import { readTraceEnvironment } from '../../../src/telemetry/traces/trace-environment.ts';

function read(environment: Record<string, string>) {
  const problems: string[] = [];
  const settings = readTraceEnvironment(environment, (problem) => problems.push(problem));
  return { settings, problems };
}

const defaults = {
  sampling: { sampler: 'parentbased_always_on', ratio: 1 },
  exportEveryMs: 5_000,
  maxSpans: 512,
  timeoutMs: 3_000,
};

describe('what the environment says of traces', () => {
  it('is what OpenTelemetry has for a default where it says nothing', () => {
    expect(read({})).toEqual({ settings: defaults, problems: [] });
    const empty = { OTEL_TRACES_SAMPLER: '', OTEL_BSP_SCHEDULE_DELAY: ' ' };
    expect(read(empty)).toEqual({ settings: defaults, problems: [] });
  });

  it('is heeded', () => {
    const { settings, problems } = read({
      OTEL_TRACES_SAMPLER: 'traceidratio',
      OTEL_TRACES_SAMPLER_ARG: '0.25',
      OTEL_BSP_SCHEDULE_DELAY: '1000',
      OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '100',
      OTEL_EXPORTER_OTLP_TIMEOUT: '2000',
    });
    expect(settings).toEqual({
      sampling: { sampler: 'traceidratio', ratio: 0.25 },
      exportEveryMs: 1_000,
      maxSpans: 100,
      timeoutMs: 2_000,
    });
    expect(problems).toEqual([]);
  });

  it.each([
    ['OTEL_TRACES_SAMPLER', 'jaeger_remote', 'parentbased_traceidratio'],
    ['OTEL_TRACES_SAMPLER_ARG', '1.5', 'from 0 to 1'],
    ['OTEL_TRACES_SAMPLER_ARG', 'half', 'from 0 to 1'],
    ['OTEL_BSP_SCHEDULE_DELAY', '-1', 'milliseconds'],
    ['OTEL_BSP_SCHEDULE_DELAY', '5s', 'milliseconds'],
    ['OTEL_BSP_MAX_EXPORT_BATCH_SIZE', '0', 'from 1'],
    ['OTEL_EXPORTER_OTLP_TIMEOUT', 'soon', 'milliseconds'],
    ['OTEL_EXPORTER_OTLP_TRACES_TIMEOUT', '0', 'from 1 on'],
    ['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL', 'grpc', 'http/json'],
    ['OTEL_BSP_SCHEDULE_DELAY', 'Infinity', 'milliseconds'],
  ])('is passed over with a remark where it is nonsense: %s=%s', (name, text, wanted) => {
    const { settings, problems } = read({ [name]: text });
    expect(settings).toEqual(defaults);
    expect(problems).toEqual([expect.stringContaining(`${name} is "${text}"`)]);
    expect(problems[0]).toContain(wanted);
  });
});
