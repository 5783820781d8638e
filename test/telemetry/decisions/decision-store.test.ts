import { statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { makeRequest } from './make-request.ts';
import { openStore } from './open-store.ts';

const feedback = { decisionId: 'dec_1', key: 'k', tags: [] };

describe('the decision store', () => {
  it('gives back everything that was recorded', async () => {
    const { store } = await openStore();
    const request = makeRequest({
      conversation: 'talk-1',
      firstContentMs: 40.5,
      attempts: [
        {
          ...makeRequest().attempts[0],
          outcome: 'failed',
          status: 503,
          cause: 'server-error',
          message: 'overloaded',
        } as never,
      ],
    });
    store.record(request);
    const stored = await store.get('dec_1');
    const { posterior, neighbours, candidates, attempts, timings, bundle } = request;
    expect(stored).toEqual({
      id: 'dec_1',
      at: '2023-11-14T22:13:20.000Z',
      class: 'coding',
      servedClass: 'coding',
      confidence: 0.8,
      basis: 'posterior',
      abstained: null,
      model: 'gpt',
      provider: 'open',
      outcome: 'ok',
      status: 200,
      protocol: 'chat',
      stream: false,
      attemptCount: 1,
      durationMs: 120.5,
      firstContentMs: 40.5,
      inputTokens: 6,
      outputTokens: 7,
      costUsd: 0.25,
      conversation: 'talk-1',
      text: 'fix this function',
      textHash: expect.stringMatching(/^[0-9a-f]{16}$/),
      requestId: 'request-1',
      requestedModel: 'auto',
      ...{ posterior, neighbours, candidates, attempts, timings, bundle },
      ...{ replayable: false, features: null },
      feedback: [],
    });
  });

  it('keeps the nearest ten of those that voted, without their texts', async () => {
    const { store } = await openStore();
    const voters = Array.from({ length: 40 }, (_, index) => ({
      id: `example-${index}`,
      className: 'coding',
      similarity: 0.9 - index / 100,
      text: 'the example itself',
    }));
    store.record(makeRequest({ neighbours: voters }));
    const stored = await store.get('dec_1');
    expect(stored?.neighbours).toEqual(
      voters.slice(0, 10).map(({ id, className, similarity }) => ({ id, className, similarity })),
    );
  });

  it('keeps what a decision can be made again from, byte by byte', async () => {
    const { store } = await openStore();
    const bytes = Uint8Array.from({ length: 3_000 }, (_, index) => index % 256);
    // A view into a larger buffer, as Node's pool gives them.
    const recordFeatures = () => Buffer.concat([Buffer.from('head'), bytes]).subarray(4);
    store.record(makeRequest({ recordFeatures }));
    expect(await store.get('dec_1')).toMatchObject({
      replayable: true,
      features: Buffer.from(bytes).toString('base64'),
    });
  });

  it('keeps null for what is not known', async () => {
    const { store } = await openStore();
    const unknown = { model: undefined, provider: undefined, servedClass: undefined };
    store.record(
      makeRequest({
        ...unknown,
        className: undefined,
        confidence: undefined,
        text: undefined,
        attempts: [],
      }),
    );
    expect(await store.get('dec_1')).toMatchObject({
      ...{ class: null, servedClass: null, confidence: null, model: null, provider: null },
      ...{ costUsd: null, text: null, textHash: null, firstContentMs: null },
    });
  });

  it('knows nothing of other ids', async () => {
    const { store } = await openStore();
    expect(await store.get('dec_other')).toBeUndefined();
    expect(await store.addFeedback({ ...feedback, score: 1 })).toBeUndefined();
  });

  it('keeps a decision once, however often it is recorded', async () => {
    const { store } = await openStore();
    store.record(makeRequest());
    store.record(makeRequest({ outcome: 'exhausted' }));
    const { decisions } = await store.list({ limit: 10 });
    expect(decisions.map(({ outcome }) => outcome)).toEqual(['ok']);
  });

  it('replaces feedback under the same key and keeps it apart under another', async () => {
    const { store } = await openStore();
    store.record(makeRequest());
    await store.addFeedback({ ...feedback, score: 0.2, comment: 'so-so' });
    const second = await store.addFeedback({ ...feedback, className: 'math', tags: ['late'] });
    await store.addFeedback({ ...feedback, key: 'other', score: 1 });
    expect(second).toEqual({
      decision_id: 'dec_1',
      key: 'k',
      at: '2023-11-14T22:13:20.000Z',
      class: 'math',
      score: null,
      tags: ['late'],
      comment: null,
    });
    const stored = await store.get('dec_1');
    expect(stored?.feedback).toEqual([second, expect.objectContaining({ key: 'other', score: 1 })]);
  });

  it('survives being closed and opened', async () => {
    const { store, path } = await openStore();
    store.record(makeRequest());
    await store.close();
    const again = await openStore({ path });
    expect(await again.store.get('dec_1')).toMatchObject({ id: 'dec_1' });
  });

  it('lets only its owner read the file', async () => {
    const { store, path } = await openStore();
    store.record(makeRequest());
    await store.get('dec_1');
    for (const suffix of ['', '-wal']) expect(statSync(path + suffix).mode & 0o777).toBe(0o600);
  });
});
