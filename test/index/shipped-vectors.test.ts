import { copyFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { toViews } from '../../src/classifier/views.ts';
import { systemClock } from '../../src/clock.ts';
import { loadConfig } from '../../src/config/load.ts';
import { createEmbedder } from '../../src/embedding/create-embedder.ts';
import { ensureModel } from '../../src/embedding/model-files.ts';
import { readDataset } from '../../src/examples/dataset.ts';
import { openVectorStore } from '../../src/index/vector-store.ts';
import { makeTempDirectory } from '../support/temp-directory.ts';

const config = loadConfig({
  file: resolve('switchyard.yaml'),
  environment: {},
  workingDirectory: resolve('.'),
});

describe('the vectors that come with the shipped examples', () => {
  it('are what the encoder makes of them, and few examples have none', async () => {
    const model = await ensureModel({ modelsDir: resolve('models'), modelId: 'all-MiniLM-L6-v2' });
    if (model.kind !== 'ready') throw new Error('The bundled model needs no download.');
    const embedder = await createEmbedder({ model, workers: 1, cacheBytes: 0, clock: systemClock });
    onTestFinished(() => embedder.close());
    const path = join(makeTempDirectory(), 'vectors.bin');
    copyFileSync(resolve('datasets/vectors.bin'), path);
    const { encoder } = embedder;
    const store = openVectorStore({ path, encoder, isOwner: false });
    onTestFinished(() => store.close());

    const classNames = new Set(Object.keys(config.classes));
    const { directory, maxCharacters } = config.examples;
    const examples = readDataset(directory, { classNames, maxCharacters });
    const views = [...new Set(examples.flatMap(({ text }) => toViews(text)))];
    const known = views.filter((view) => store.get(view) !== undefined);
    expect(known.length / views.length).toBeGreaterThan(0.9);

    const sample = known.filter((_, position) => position % 400 === 0);
    const fresh = await embedder.embed(sample);
    for (const [position, view] of sample.entries()) {
      const made = fresh[position]?.features;
      const cosine = store
        .get(view)
        ?.features.reduce((sum, value, i) => sum + value * (made?.[i] ?? 0), 0);
      expect(cosine, view).toBeGreaterThan(0.99);
    }
  });
});
