import { describe, expect, it } from 'vitest';
import type { RecordedAttempt } from '../../../src/telemetry/request-record.ts';
import { toRequestSpan } from '../../../src/telemetry/traces/request-span.ts';
import { makeRequest } from '../decisions/make-request.ts';

const encoder = { id: 'tiny', dimensions: 8 };
const [first] = makeRequest().attempts as [RecordedAttempt];

function spanOf(fields: Parameters<typeof makeRequest>[0] = {}) {
  const root = toRequestSpan(makeRequest(fields), encoder);
  const [route, ...attempts] = root.children;
  return { root, route, attempts };
}

describe('the span of a request', () => {
  it.each([
    ['chat', 'POST /v1/chat/completions', 'chat gpt'],
    ['messages', 'POST /v1/messages', 'chat gpt'],
    ['responses', 'POST /v1/responses', 'chat gpt'],
    ['completions', 'POST /v1/completions', 'text_completion gpt'],
    ['embeddings', 'POST /v1/embeddings', 'embeddings gpt'],
  ])('is named after the endpoint, and the call after what it does: %s', (protocol, name, call) => {
    const { root, attempts } = spanOf({ protocol });
    expect(root.name).toBe(name);
    expect(attempts.map((attempt) => attempt.name)).toEqual([call]);
    expect(attempts[0]?.attributes['gen_ai.operation.name']).toBe(call.split(' ')[0]);
  });

  it.each([
    ['ok', 200, undefined],
    ['client_error', 400, undefined],
    ['client_closed', 499, undefined],
    ['exhausted', 429, undefined],
    ['exhausted', 502, '502'],
    ['upstream_error', 200, 'upstream_error'],
  ] as const)('has failed where the router did: %s with %i', (outcome, status, errorType) => {
    expect(spanOf({ outcome, status }).root.errorType).toBe(errorType);
  });

  it('has nothing of the decision under its routing where nothing was decided', () => {
    expect(spanOf({ basis: 'forced' }).route?.children).toEqual([]);
    expect(spanOf({ basis: 'abstained', abstained: 'no-ask' }).route?.children).toEqual([]);
  });

  it('says that the encoder failed', () => {
    const { route } = spanOf({ basis: 'abstained', abstained: 'embedder-late' });
    expect(route?.children.map(({ errorType }) => errorType)).toEqual([
      'embedder-late',
      undefined,
      undefined,
    ]);
    const unsure = spanOf({ basis: 'abstained', abstained: 'low-confidence' });
    expect(unsure.route?.children[0]?.errorType).toBeUndefined();
  });
});

describe('the span of an attempt', () => {
  it.each([
    ['openai', 'openai'],
    ['anthropic', 'anthropic'],
    ['azure', 'azure.ai.openai'],
    ['gemini', 'gcp.gemini'],
    ['mistral', 'mistral_ai'],
    ['groq', 'groq'],
    ['my-own', 'my-own'],
  ])('names the provider as the conventions do: %s', (provider, name) => {
    const { attempts } = spanOf({ attempts: [{ ...first, provider }] });
    expect(attempts[0]?.attributes['gen_ai.provider.name']).toBe(name);
  });

  it('counts the cache among the input, and leaves out what is unknown', () => {
    const usage = {
      inputTokens: 5,
      cachedInputTokens: 20,
      cacheWriteTokens: 100,
      outputTokens: 7,
      reasoningTokens: 3,
    };
    const { attempts } = spanOf({ attempts: [{ ...first, usage }] });
    expect(attempts[0]?.attributes).toMatchObject({
      'gen_ai.usage.input_tokens': 125,
      'gen_ai.usage.output_tokens': 7,
      'gen_ai.usage.cache_read.input_tokens': 20,
      'gen_ai.usage.cache_creation.input_tokens': 100,
      'gen_ai.usage.reasoning.output_tokens': 3,
    });
    const silent = spanOf({ attempts: [{ ...first, usage: undefined, costUsd: undefined }] });
    expect(Object.keys(silent.attempts[0]?.attributes ?? {}).join()).not.toMatch(/usage|cost/);
  });

  it.each([
    ['ok', undefined],
    ['failed', 'timeout'],
    ['stopped', 'timeout'],
    ['outrun', undefined],
    ['client-gone', undefined],
  ] as const)('has failed where the provider did: %s', (outcome, errorType) => {
    const { attempts } = spanOf({ attempts: [{ ...first, outcome, cause: 'timeout' }] });
    expect(attempts[0]?.errorType).toBe(errorType);
  });
});
