import type { RequestRecord } from '../../src/telemetry/request-record.ts';

const usage = {
  inputTokens: 40,
  cachedInputTokens: 60,
  cacheWriteTokens: 0,
  outputTokens: 10,
  reasoningTokens: 0,
};

/** The record of a plain request that its first candidate answered. */
export function makeRecord(fields: Partial<RequestRecord> = {}): RequestRecord {
  return {
    decisionId: 'dec_1',
    requestId: 'r1',
    atMs: 0,
    durationMs: 120,
    protocol: 'chat',
    stream: false,
    requestedModel: 'auto',
    outcome: 'ok',
    status: 200,
    className: 'coding',
    basis: 'posterior',
    tier: 'transformer',
    posterior: [],
    neighbours: [],
    candidates: [],
    attempts: [
      {
        model: 'gpt',
        provider: 'open',
        startedAtMs: 0,
        durationMs: 100,
        outcome: 'ok',
        usage,
        costUsd: 0.5,
      },
    ],
    timings: { embedMs: 2, searchMs: 0.5, weighMs: 1 },
    routing: { startedAtMs: 0, durationMs: 4 },
    bundle: { encoderHash: 'e', exampleSetHash: 's', configHash: 'c' },
    ...fields,
  };
}
