import { describe, expect, it } from 'vitest';
import { loadText, problemsOf, smallest } from './load-text.ts';

const whole = `${smallest}telemetry:\n  otlpTracesEndpoint: http://file:1/traces\n`;

describe('where traces go', () => {
  it('is nowhere by default', () => {
    expect(loadText(smallest).telemetry).toEqual({ enabled: true });
  });

  it('is what the environment says before the file', () => {
    const base = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' };
    const traces = { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://other/traces' };
    expect(loadText(whole).telemetry.otlpTracesEndpoint).toBe('http://file:1/traces');
    expect(loadText(whole, base).telemetry).toMatchObject({
      otlpEndpoint: 'http://collector:4318/',
      otlpTracesEndpoint: undefined,
    });
    expect(loadText(whole, { ...base, ...traces }).telemetry.otlpTracesEndpoint).toBe(
      'https://other/traces',
    );
    expect(loadText(whole, { OTEL_EXPORTER_OTLP_ENDPOINT: '' }).telemetry).toEqual(
      loadText(whole).telemetry,
    );
  });

  it.each([
    [{ OTEL_SDK_DISABLED: 'true' }, false],
    [{ OTEL_SDK_DISABLED: 'TRUE' }, false],
    [{ OTEL_TRACES_EXPORTER: 'none' }, false],
    [{ OTEL_SDK_DISABLED: 'false' }, true],
    [{ OTEL_SDK_DISABLED: '' }, true],
  ])('can be switched off: %j', (environment, enabled) => {
    expect(loadText(whole, environment).telemetry.enabled).toBe(enabled);
  });

  it.each([
    ['ftp://collector', 'is not an http or https address'],
    ['http://name:secret@collector', 'put credentials in OTEL_EXPORTER_OTLP_HEADERS'],
  ])('has to make sense: %s', (address, message) => {
    const problems = problemsOf(() => {
      return loadText(smallest, { OTEL_EXPORTER_OTLP_ENDPOINT: address });
    });
    expect(problems).toEqual([
      { path: 'telemetry.otlpEndpoint', message: expect.stringContaining(message) },
    ]);
  });
});
