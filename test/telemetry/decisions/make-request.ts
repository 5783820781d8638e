import type { RequestRecord } from '../../../src/telemetry/request-record.ts';

/** A request of 2023 that the first candidate answered. */
export function makeRequest(fields: Partial<RequestRecord> = {}): RequestRecord {
  return {
    decisionId: 'dec_1',
    requestId: 'request-1',
    atMs: 1_700_000_000_000.25,
    durationMs: 120.5,
    protocol: 'chat',
    stream: false,
    requestedModel: 'auto',
    outcome: 'ok',
    status: 200,
    className: 'coding',
    confidence: 0.8,
    basis: 'posterior',
    posterior: [
      { className: 'coding', probability: 0.8 },
      { className: 'math', probability: 0.2 },
    ],
    neighbours: [{ id: 'abcdef012345', className: 'coding', similarity: 0.7 }],
    candidates: [
      {
        model: 'gpt',
        provider: 'open',
        className: 'coding',
        status: 'in',
        cause: 'preferred',
        reason: 'preferred by coding',
      },
    ],
    attempts: [
      {
        model: 'gpt',
        provider: 'open',
        className: 'coding',
        startedAtMs: 1_700_000_000_010,
        durationMs: 100,
        outcome: 'ok',
        status: 200,
        costUsd: 0.25,
        usage: {
          inputTokens: 5,
          cachedInputTokens: 1,
          cacheWriteTokens: 0,
          outputTokens: 7,
          reasoningTokens: 0,
        },
      },
    ],
    model: 'gpt',
    provider: 'open',
    servedClass: 'coding',
    timings: { embedMs: 1, searchMs: 0.5, weighMs: 2 },
    routing: { startedAtMs: 1_700_000_000_002, durationMs: 4 },
    text: 'fix this function',
    bundle: { encoderHash: 'e', exampleSetHash: 's', configHash: 'c' },
    ...fields,
  };
}
