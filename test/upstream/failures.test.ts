import { describe, expect, it } from 'vitest';
import { toErrorObjectFailure, toHttpFailure } from '../../src/upstream/http-failure.ts';
import { toNetworkFailure } from '../../src/upstream/network-failure.ts';
import { parseRetryAfterMs } from '../../src/upstream/retry-after.ts';

const nowMs = Date.parse('2026-03-01T12:00:00Z');

function failureOf(status: number, error: unknown = {}, headers: Record<string, string> = {}) {
  const body = Buffer.from(typeof error === 'string' ? error : JSON.stringify({ error }));
  return toHttpFailure({ status, headers, body, nowMs });
}

describe('toHttpFailure', () => {
  it.each([
    [400, 'client-error', 'stop'],
    [401, 'auth', 'next'],
    [402, 'auth', 'next'],
    [403, 'auth', 'next'],
    [404, 'model-missing', 'next'],
    [408, 'request-timeout', 'next'],
    [409, 'conflict', 'next'],
    [413, 'client-error', 'stop'],
    [422, 'client-error', 'stop'],
    [425, 'too-early', 'next'],
    [429, 'rate-limited', 'next'],
    [500, 'server-error', 'next'],
    [503, 'server-error', 'next'],
    [529, 'server-error', 'next'],
    [302, 'broken-reply', 'next'],
  ])('takes %i for %s: %s', (status, cause, consequence) => {
    expect(failureOf(status)).toMatchObject({ cause, consequence, status });
  });

  it.each([
    { message: 'Your chosen model requires moderation and your input was flagged for "violence".' },
    { code: 'content_filter', message: 'The response was filtered.' },
    { message: 'This request was rejected by our safety system.' },
  ])(
    'takes 403 about a prompt that a provider does not want for no trouble with the key: %j',
    (error) => {
      expect(failureOf(403, error)).toMatchObject({ cause: 'unsupported', consequence: 'next' });
    },
  );

  it.each([
    [
      'auth',
      {
        type: 'invalid_request_error',
        message: 'Your credit balance is too low to access the Anthropic API.',
      },
    ],
    [
      'auth',
      { message: 'Billing hard limit has been reached', code: 'billing_hard_limit_reached' },
    ],
    [
      'auth',
      {
        code: 400,
        message: 'API key not valid. Please pass a valid API key.',
        status: 'INVALID_ARGUMENT',
      },
    ],
    ['model-missing', { message: 'acme/none-1 is not a valid model ID', code: 400 }],
    ['model-missing', { message: 'Model Not Exist', type: 'invalid_request_error' }],
    ['model-missing', { message: 'no', code: 'model_not_found', param: 'model' }],
  ])('takes 400 about what is ours for no error of the client’s: %s %j', (cause, error) => {
    const failure = { cause, consequence: 'next', status: 400 };
    expect(failureOf(400, error)).toMatchObject(failure);
    expect(failureOf(400, JSON.stringify([{ error }]))).toMatchObject(failure);
  });

  it.each([
    { message: 'Invalid role: "Model Not Exist"' },
    { message: 'messages.0: Your credit balance is too low' },
    { message: 'no such image model', code: 'model_not_found', param: 'tools[0].model' },
  ])('lets nobody who writes a prompt shut a model out: %j', (error) => {
    expect(failureOf(400, error)).toMatchObject({ cause: 'client-error', consequence: 'stop' });
  });

  it('tells an account without money from a key that is refused', () => {
    const message = 'Your credit balance is too low to access the Anthropic API.';
    expect(failureOf(400, { message }).message).toContain('out of credit');
    expect(failureOf(401, { message: 'bad key' }).message).toContain('credentials');
  });

  it.each([
    ['an item of a response', { message: 'Item with id x not found.', param: 'input', code: null }],
    ['a thread', { type: 'not_found_error', details: { error_code: 'thread_not_found' } }],
  ])('takes 404 about %s for an error of the client’s', (_what, error) => {
    expect(failureOf(404, error)).toMatchObject({ cause: 'client-error', consequence: 'stop' });
    expect(failureOf(404, { param: 'model', code: 'model_not_found' }).cause).toBe('model-missing');
  });

  it.each([
    { code: 'context_length_exceeded', message: 'no' },
    { message: "This model's maximum context length is 8192 tokens." },
    { message: 'prompt is too long: 210000 tokens > 200000 maximum' },
    { message: 'The input token count (12) exceeds the maximum number of tokens allowed (10).' },
    { message: 'the request exceeds the available context size' },
    { message: "This model's maximum prompt length is 131072 but the request contains 140000" },
    { message: 'Please reduce the length of the messages or completion.' },
  ])('knows a prompt that is too long by %j', (error) => {
    for (const status of [400, 413, 422]) {
      expect(failureOf(status, error)).toMatchObject({
        cause: 'context-length',
        consequence: 'larger-window',
      });
    }
  });

  it('does not take other complaints for a prompt that is too long', () => {
    for (const message of ['max_tokens is too large: 9999', 'Invalid type for messages.']) {
      expect(failureOf(400, { message })).toMatchObject({ cause: 'client-error' });
    }
  });

  it.each([
    { code: 'unsupported_parameter', message: "Unsupported parameter: 'max_tokens'." },
    { code: 'unsupported_value', message: 'no' },
    { message: "Unsupported value: 'temperature' does not support 0.2 with this model." },
    { message: 'This model doesn’t support tools.' },
    { type: 'invalid_request_error', message: 'thinking is not supported on this model' },
  ])('knows what the model can not do by %j', (error) => {
    for (const status of [400, 422]) {
      expect(failureOf(status, error)).toMatchObject({ cause: 'unsupported', consequence: 'next' });
    }
    expect(failureOf(413, error)).toMatchObject({ cause: 'client-error' });
  });

  it('quotes at most 300 characters on one line', () => {
    const { message } = failureOf(500, { message: `over\nloaded ${'x '.repeat(1000)}` });
    expect(message).toMatch(/^HTTP 500: over loaded x/);
    expect(message.length).toBeLessThanOrEqual('HTTP 500: '.length + 300);
  });

  it.each([
    'sk-proj-abcdefghijklmnop',
    'Bearer abc.def-ghi',
    'gsk_abcdefgh12345678',
    '0123456789abcdef0123456789abcdef',
  ])('never repeats the key %s', (key) => {
    for (const status of [401, 400, 500]) {
      expect(failureOf(status, { message: `Bad key '${key}' here` }).message).not.toContain(key);
    }
  });

  it('has a message without a JSON body, too', () => {
    expect(failureOf(502, '<html>Bad gateway</html>').message).toBe('HTTP 502');
  });

  it('carries the wait that the provider asks for', () => {
    expect(failureOf(429, {}, { 'retry-after': '7' }).retryAfterMs).toBe(7_000);
    expect(failureOf(429)).not.toHaveProperty('retryAfterMs');
  });
});

describe('toErrorObjectFailure', () => {
  it.each([
    [{ code: 429, message: 'slow down' }, 'rate-limited'],
    [{ code: 'rate_limit_exceeded' }, 'rate-limited'],
    [{ code: '502' }, 'server-error'],
    [{ type: 'overloaded_error', message: 'Overloaded' }, 'broken-reply'],
    [{ code: 'context_length_exceeded' }, 'context-length'],
    [{ code: 400, message: 'bad image' }, 'client-error'],
    [{ code: 'invalid_prompt', message: 'no' }, 'client-error'],
    [{ code: 'image_too_large', message: 'no' }, 'client-error'],
    [{ code: 'server_error', message: 'no' }, 'broken-reply'],
    ['just text', 'broken-reply'],
  ])('takes %j for %s', (error, cause) => {
    expect(toErrorObjectFailure({ error })).toMatchObject({ cause });
  });
});

describe('toNetworkFailure', () => {
  const withCode = (code: string) => Object.assign(new Error('secret detail'), { code });

  it.each([
    ['ECONNREFUSED', 'connect'],
    ['UND_ERR_CONNECT_TIMEOUT', 'connect'],
    ['ENOTFOUND', 'dns'],
    ['EAI_AGAIN', 'dns'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'tls'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'tls'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'tls'],
    ['ECONNRESET', 'reset'],
    ['UND_ERR_SOCKET', 'reset'],
  ])('takes %s for %s and quotes nothing but the code', (code, cause) => {
    const failure = toNetworkFailure(new Error('outer', { cause: withCode(code) }));
    expect(failure).toMatchObject({ cause, consequence: 'next' });
    expect(failure?.message).toContain(code);
    expect(failure?.message).not.toContain('secret');
  });

  it('leaves bugs alone', () => {
    expect(toNetworkFailure(new TypeError('x is not a function'))).toBeUndefined();
    expect(toNetworkFailure(withCode('ERR_INVALID_ARG_TYPE'))).toBeUndefined();
  });
});

describe('parseRetryAfterMs', () => {
  it.each([
    [{ 'retry-after': '12' }, 12_000],
    [{ 'retry-after': '0.5' }, 500],
    [{ 'retry-after-ms': '250', 'retry-after': '12' }, 250],
    [{ 'retry-after-ms': 'soon', 'retry-after': '12' }, 12_000],
    [{ 'retry-after': 'Sun, 01 Mar 2026 12:00:30 GMT' }, 30_000],
    [{ 'retry-after': 'Sunday, 01-Mar-26 12:00:30 GMT' }, 30_000],
    [{ 'retry-after': 'Sun, 01 Mar 2026 11:00:00 GMT' }, 0],
    [{ 'retry-after': '-5' }, undefined],
    [{ 'retry-after': '1e9' }, undefined],
    [{ 'retry-after': 'later' }, undefined],
    [{}, undefined],
  ])('reads %j as %s', (headers, expected) => {
    expect(parseRetryAfterMs(headers as Record<string, string>, nowMs)).toBe(expected);
  });
});
