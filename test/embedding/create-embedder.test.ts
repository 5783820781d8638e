import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { createEmbedder } from '../../src/embedding/create-embedder.ts';
import type { Embedder } from '../../src/embedding/embedder.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { createScriptedWorkers, settle } from './scripted-workers.ts';
import { writeTinyModel } from './tiny-model.ts';

describe('an embedder of real threads', () => {
  let embedder: Embedder;
  let remove: () => Promise<void>;

  beforeAll(async () => {
    const tiny = await writeTinyModel({ maxTokens: 16 });
    remove = tiny.remove;
    const { model } = tiny;
    embedder = await createEmbedder({ model, workers: 2, cacheBytes: 0, clock: systemClock });
  });
  afterAll(async () => {
    await embedder.close();
    await remove();
  });

  it('says which encoder it runs', () => {
    expect(embedder.encoder).toEqual({
      id: 'tiny',
      hash: 'tiny',
      dimensions: 2,
      featureDimensions: 2,
      maxTokens: 16,
    });
  });

  it('hands over a vector that is its own features as one array', async () => {
    const [embedding] = await embedder.embed(['hello']);
    expect(embedding?.vector).toHaveLength(2);
    expect(embedding?.features).toBe(embedding?.vector);
  });

  it('gives every text of a mixed load its own vector, whatever it shared a batch with', async () => {
    const texts = Array.from({ length: 200 }, (_, i) => 'hello '.repeat(i % 12) + i);
    const together = await embedder.embed(texts);
    for (const [i, text] of texts.entries()) {
      const [alone] = await embedder.embed([text]);
      expect(together[i]).toEqual(alone);
    }
  });

  it('survives texts that are no text', async () => {
    const texts = ['', '\0', '\ud800', 'a\udfffb', ' '.repeat(200), '\u200b'];
    for (const { vector, truncated } of await embedder.embed(texts)) {
      expect(Math.hypot(...vector)).toBeCloseTo(1, 6);
      expect(truncated).toBe(false);
    }
  });

  it('reports the tokens of a huge text as truncated', async () => {
    const [embedding] = await embedder.embed(['word '.repeat(4_000_000)]);
    expect(embedding).toMatchObject({ tokens: 16, truncated: true });
  });
});

describe('starting', () => {
  it('fails, all workers ended, when none can load the model', async () => {
    const { model, remove } = await writeTinyModel();
    await remove();
    const clock = createFakeClock();
    const { startWorker, started } = createScriptedWorkers();
    const creating = createEmbedder({ model, workers: 2, cacheBytes: 0, clock, startWorker });
    const rejected = expect(creating).rejects.toMatchObject({ kind: 'down' });
    for (let death = 0; death < 6; death++) {
      started[death]?.die('model.onnx is torn');
      if (death % 2 === 1) clock.advance(200);
    }
    await rejected;
    expect(clock.pending()).toBe(0);
  });

  it('waits for the first warm worker and tells how it goes', async () => {
    const { model, remove } = await writeTinyModel();
    await remove();
    const clock = createFakeClock();
    const { startWorker, started } = createScriptedWorkers();
    const messages: string[] = [];
    const options = { model, workers: 2, cacheBytes: 0, clock, startWorker };
    const creating = createEmbedder({ ...options, onProgress: (text) => messages.push(text) });
    clock.advance(300);
    started[1]?.ready();
    await settle();
    started[1]?.answer();
    const embedder = await creating;
    expect(messages).toEqual(['Loading tiny', 'tiny is warm after 300 ms']);
    await embedder.close();
  });
});
