import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { EmbedderError } from '../../src/embedding/embedder.ts';
import { exampleId } from '../../src/examples/example.ts';
import { createExampleStore } from '../../src/examples/example-store.ts';
import { openJournal, readJournal } from '../../src/examples/journal.ts';
import { createLiveExamples, type LiveExamples } from '../../src/index/live-examples.ts';
import { writeDataset } from '../examples/example-files.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { createFakeEmbedder } from '../support/fake-embedder.ts';
import { makeTempDirectory, writeFileIn } from '../support/temp-directory.ts';
import { needHnswLibrary } from './hnsw-library.ts';
import { openParts } from './open-parts.ts';

const library = await needHnswLibrary();
const dataset = {
  chat: ['hello there', 'good morning', 'how are you', 'nice weather', 'see you later'],
  coding: ['sort a list', 'fix my loop', 'write a test', 'parse some json', 'rename a variable'],
};

interface Files {
  readonly datasetDir: string;
  readonly dataDir: string;
}

/** Opens everything as at a start of the program. */
async function open(
  files: Files = { datasetDir: writeDataset(dataset), dataDir: makeTempDirectory() },
) {
  const journalPath = join(files.dataDir, 'examples.journal.jsonl');
  const journal = openJournal(journalPath);
  onTestFinished(() => journal.close());
  const store = createExampleStore({
    directory: files.datasetDir,
    journal,
    classNames: new Set(['chat', 'coding']),
    maxCharacters: 40,
    clock: createFakeClock(),
  });
  const parts = openParts({ directory: files.dataDir, library });
  const { live, how } = await createLiveExamples(store, parts);
  const journalled = () => readJournal(journalPath).entries.length;
  return { live, how, parts, files, journalled };
}

/** The text of the example nearest to a text. */
async function nearest(live: LiveExamples, text: string): Promise<string | undefined> {
  const [embedding] = await createFakeEmbedder().embed([text]);
  if (embedding === undefined) throw new Error('One text has one embedding.');
  return live.neighbours(embedding.vector, 1)[0]?.example.text;
}

describe('adding an example', () => {
  it('is felt by the next search, and after a restart', async () => {
    const { live, files } = await open();
    const hash = live.hash;
    const text = 'sort these words there';
    expect(await nearest(live, text)).not.toBe(text);
    const added = await live.add({ text, className: 'coding' });
    expect(await nearest(live, text)).toBe(text);
    expect(live.findByText(text.toUpperCase())).toEqual(added);
    expect(live.size).toBe(11);
    expect(live.hash).not.toBe(hash);

    const again = await open(files);
    expect(again.how).toBe('1 added, 0 removed');
    expect(again.parts.embedder.calls).toEqual([]);
    expect(await nearest(again.live, text)).toBe(text);
    expect(again.live.hash).toBe(live.hash);
    expect(again.live.list()).toEqual(live.list());
  });

  it.each([
    ['a duplicate', 'Hello  THERE', 'chat', 'conflict'],
    ['a contradiction', 'hello there', 'coding', 'conflict'],
    ['of an unknown class', 'something new', 'codin', 'invalid_request'],
    ['empty', ' \t', 'chat', 'invalid_request'],
    ['too long', 'x'.repeat(41), 'chat', 'invalid_request'],
  ])(
    'is refused when it is %s, and nothing is embedded or written',
    async (_fault, text, className, code) => {
      const { live, parts, journalled } = await open();
      const calls = parts.embedder.calls.length;
      const before = { size: live.size, hash: live.hash, vectors: parts.vectors.size };
      await expect(live.add({ text, className })).rejects.toMatchObject({ code });
      expect({ size: live.size, hash: live.hash, vectors: parts.vectors.size }).toEqual(before);
      expect(parts.embedder.calls).toHaveLength(calls);
      expect(journalled()).toBe(0);
    },
  );

  it('writes nothing when the embedder fails, and works when it is back', async () => {
    const { live, parts, journalled } = await open();
    const before = { size: live.size, hash: live.hash };
    const down = new EmbedderError('down', 'No worker can serve.');
    parts.embedder.failWith(down);
    const candidate = { text: 'something new', className: 'chat' };
    await expect(live.add(candidate)).rejects.toBe(down);
    expect({ size: live.size, hash: live.hash }).toEqual(before);
    expect(live.findByText('something new')).toBeUndefined();
    expect(journalled()).toBe(0);
    parts.embedder.failWith(undefined);
    expect(await live.add(candidate)).toMatchObject({ text: 'something new' });
    expect(journalled()).toBe(1);
  });

  it('writes nothing when the vector is none', async () => {
    const { live, parts, journalled } = await open();
    const none = {
      vector: new Float32Array(64).fill(Number.NaN),
      features: new Float32Array(128).fill(Number.NaN),
    };
    parts.embedder.embed = async () => [{ ...none, tokens: 1, truncated: false }];
    await expect(live.add({ text: 'new', className: 'chat' })).rejects.toThrow(RangeError);
    expect(live.findByText('new')).toBeUndefined();
    expect(journalled()).toBe(0);
  });

  it('keeps one of two that say the same at the same time', async () => {
    const { live, journalled } = await open();
    const outcomes = await Promise.allSettled([
      live.add({ text: 'something new', className: 'chat' }),
      live.add({ text: 'Something  NEW', className: 'coding' }),
    ]);
    expect(outcomes).toMatchObject([
      { status: 'fulfilled' },
      { status: 'rejected', reason: { code: 'conflict' } },
    ]);
    expect(live.size).toBe(11);
    expect(journalled()).toBe(1);
  });
});

describe('removing an example', () => {
  it('is felt by the next search, and after a restart', async () => {
    const { live, files } = await open();
    expect(await nearest(live, 'sort a list')).toBe('sort a list');
    expect(live.remove(exampleId('sort a list', 'coding')).text).toBe('sort a list');
    for (const each of [live, (await open(files)).live]) {
      expect(each.size).toBe(9);
      expect(each.list()).toHaveLength(9);
      expect(each.findByText('sort a list')).toBeUndefined();
      expect(await nearest(each, 'sort a list')).not.toBe('sort a list');
    }
  });

  it('can be taken back', async () => {
    const { live, files } = await open();
    const hash = live.hash;
    live.remove(exampleId('sort a list', 'coding'));
    expect(live.hash).not.toBe(hash);
    await live.add({ text: 'sort a list', className: 'coding' });
    expect(live.hash).toBe(hash);
    for (const each of [live, (await open(files)).live]) {
      expect(await nearest(each, 'sort a list')).toBe('sort a list');
      expect(each.size).toBe(10);
    }
  });

  it('refuses an id that nothing has', async () => {
    const { live, journalled } = await open();
    expect(() => live.remove('0123456789ab')).toThrow(
      expect.objectContaining({ code: 'not_found' }),
    );
    expect(journalled()).toBe(0);
  });
});

describe('what a classifier is fitted on', () => {
  it('is every example and the name of every class, with the features of their texts', async () => {
    const { live } = await open();
    const { inputs, lessons } = await live.taught();
    const all = [...inputs, ...lessons];
    const embeddings = await createFakeEmbedder().embed(all.map(({ text }) => text));
    for (const [i, { vectors }] of all.entries()) {
      expect(vectors).toHaveLength(1);
      const product = vectors[0]?.reduce(
        (sum, x, k) => sum + x * (embeddings[i]?.features[k] ?? 0),
        0,
      );
      expect(product).toBeCloseTo(1, 3);
    }
    expect(inputs.map(({ text }) => text)).toEqual([...dataset.chat, ...dataset.coding]);
    expect(lessons.map(({ text, className }) => [text, className])).toEqual([
      ['chat', 'chat'],
      ['coding', 'coding'],
    ]);
  });
});

describe('reloading', () => {
  it('swaps to the new lines of the datasets', async () => {
    const { live, files } = await open();
    const hash = live.hash;
    await live.add({ text: 'something new', className: 'chat' });
    writeDataset({ chat: [...dataset.chat.slice(1), 'bonjour monsieur'] }, files.datasetDir);
    await live.reload();
    expect(await nearest(live, 'bonjour monsieur')).toBe('bonjour monsieur');
    expect(await nearest(live, 'something new')).toBe('something new');
    expect(await nearest(live, 'hello there')).not.toBe('hello there');
    expect(live.findByText('bonjour monsieur')).toBeDefined();
    expect(live.size).toBe(11);
    expect(live.list()).toHaveLength(11);
    expect(live.hash).not.toBe(hash);
    expect((await open(files)).live.hash).toBe(live.hash);
  });

  it('has nothing to do when nothing has changed', async () => {
    const { live } = await open();
    expect(await live.reload()).toBe('up to date');
    expect(live.size).toBe(10);
  });

  it('keeps the old examples when a dataset is broken', async () => {
    const { live, files } = await open();
    const before = { list: live.list(), hash: live.hash, size: live.size };
    writeFileIn(files.datasetDir, 'chat.jsonl', '{"text": "bonjour", "class": "chat"}\nbroken\n');
    await expect(live.reload()).rejects.toThrow('chat.jsonl:2: not JSON');
    expect({ list: live.list(), hash: live.hash, size: live.size }).toEqual(before);
    expect(await nearest(live, 'hello there')).toBe('hello there');
    expect(live.findByText('bonjour')).toBeUndefined();
  });

  it('loses nothing that is added or removed meanwhile', async () => {
    const { live, files } = await open();
    writeDataset({ chat: [...dataset.chat, 'bonjour monsieur'] }, files.datasetDir);
    const reloading = live.reload();
    const adding = live.add({ text: 'something new', className: 'chat' });
    live.remove(exampleId('sort a list', 'coding'));
    await Promise.all([reloading, adding]);
    expect(live.size).toBe(11);
    expect(live.list()).toHaveLength(11);
    for (const text of ['something new', 'bonjour monsieur']) {
      expect(await nearest(live, text)).toBe(text);
    }
    expect(await nearest(live, 'sort a list')).not.toBe('sort a list');
  });
});
