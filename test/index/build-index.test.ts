import {
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { EmbedderError } from '../../src/embedding/embedder.ts';
import type { Example } from '../../src/examples/example.ts';
import { exampleSetHash } from '../../src/examples/example.ts';
import { buildIndex, openOrBuildIndex } from '../../src/index/build-index.ts';
import type { ExampleIndex } from '../../src/index/example-index.ts';
import { readCurrent } from '../../src/index/generations.ts';
import { createFakeEmbedder } from '../support/fake-embedder.ts';
import { makeTempDirectory, writeFileIn } from '../support/temp-directory.ts';
import { needHnswLibrary } from './hnsw-library.ts';
import { makeExamples, openParts } from './open-parts.ts';

const library = await needHnswLibrary();
const fifty = makeExamples(50);

const setOf = (examples: readonly Example[]) => ({
  examples,
  exampleSetHash: exampleSetHash(examples),
});

/** A directory with a built index of `examples`. */
async function buildIn(examples: readonly Example[], directory = makeTempDirectory()) {
  const parts = openParts({ directory, library });
  const built = await openOrBuildIndex({ ...parts, ...setOf(examples) });
  return { directory, indexDir: parts.indexDir, parts, built };
}

/** Opens as after a restart, and says what was embedded for it. */
async function reopen(directory: string, examples: readonly Example[]) {
  const parts = openParts({ directory, library });
  const { index, how } = await openOrBuildIndex({ ...parts, ...setOf(examples) });
  return { index, how, embedded: parts.embedder.calls.flat() };
}

/** Everything that an index answers to the texts of some examples. */
async function answers(index: ExampleIndex, asks: readonly Example[] = fifty) {
  const embeddings = await createFakeEmbedder().embed(asks.map(({ text }) => text));
  return embeddings.map(({ vector }) =>
    index
      .neighbours(vector, 5)
      .map(({ example, similarity }) => [example.text, similarity.toFixed(4)]),
  );
}

function currentDirectory(indexDir: string): string {
  const current = readCurrent(indexDir);
  if (current.kind === 'none') throw new Error(current.reason);
  return current.directory;
}

describe('the first index', () => {
  it('is built from the examples and says so', async () => {
    const { built, parts, indexDir } = await buildIn(fifty);
    expect(built.how).toBe('built: there is none yet');
    expect(built.index).toMatchObject({ kind: 'hnsw', size: 50 });
    expect(parts.embedder.calls.flat()).toEqual(fifty.map(({ text }) => text));
    const [ask] = fifty;
    const [[nearest] = []] = await answers(built.index);
    expect(nearest?.[0]).toBe(ask?.text);
    expect(readCurrent(indexDir)).toMatchObject({
      kind: 'found',
      manifest: {
        encoderHash: 'fake',
        library: library.name,
        dimensions: 64,
        exampleSetHash: exampleSetHash(fifty),
        exampleIds: fifty.map(({ id }) => id),
        builtAt: '2026-01-02T00:00:00.000Z',
      },
    });
  });

  it('leaves what else is due its turn while the graph is built', async () => {
    const parts = { ...openParts({ directory: makeTempDirectory(), library }), library: undefined };
    let turns = 0;
    const takeTurn = (): void => {
      turns += 1;
      next = setImmediate(takeTurn);
    };
    let next = setImmediate(takeTurn);
    let turnsWhenEmbedded = 0;
    const onProgress = () => {
      turnsWhenEmbedded = turns;
    };
    await openOrBuildIndex({ ...parts, ...setOf(makeExamples(320)), onProgress });
    clearImmediate(next);
    expect(turns - turnsWhenEmbedded).toBeGreaterThanOrEqual(9);
  });

  it('embeds in batches and tells how far it is', async () => {
    const parts = openParts({ directory: makeTempDirectory(), library });
    const progress: string[] = [];
    const onProgress = (done: number, total: number) => void progress.push(`${done}/${total}`);
    await openOrBuildIndex({ ...parts, ...setOf(makeExamples(130)), onProgress });
    expect(parts.embedder.calls.map((texts) => texts.length)).toEqual([64, 64, 2]);
    expect(progress).toEqual(['0/130', '64/130', '128/130', '130/130']);
  });

  it('can be one of no examples at all', async () => {
    const { built, directory } = await buildIn([]);
    expect(built.index.size).toBe(0);
    expect(await reopen(directory, [])).toMatchObject({ how: 'up to date' });
  });

  it('keeps the vectors that were computed before the embedder failed', async () => {
    const directory = makeTempDirectory();
    const parts = openParts({ directory, library });
    const down = new EmbedderError('down', 'No worker can serve.');
    const onProgress = (done: number) => parts.embedder.failWith(done === 64 ? down : undefined);
    const examples = makeExamples(100);
    await expect(openOrBuildIndex({ ...parts, ...setOf(examples), onProgress })).rejects.toBe(down);
    expect(existsSync(parts.indexDir)).toBe(false);
    expect((await reopen(directory, examples)).embedded).toHaveLength(36);
  });
});

describe('an index opened again', () => {
  it('answers the same, and nothing is embedded', async () => {
    const { directory, built } = await buildIn(fifty);
    const { index, how, embedded } = await reopen(directory, [...fifty].reverse());
    expect(how).toBe('up to date');
    expect(embedded).toEqual([]);
    expect(index.size).toBe(50);
    expect(await answers(index)).toEqual(await answers(built.index));
  });

  it('embeds ten texts for ten new examples', async () => {
    const { directory } = await buildIn(fifty);
    const sixty = makeExamples(60);
    const { index, how, embedded } = await reopen(directory, sixty);
    expect(how).toBe('10 added, 0 removed');
    expect(embedded).toEqual(sixty.slice(50).map(({ text }) => text));
    expect(index.size).toBe(60);
    const fresh = await buildIn(sixty);
    expect(await answers(index, sixty)).toEqual(await answers(fresh.built.index, sixty));
  });

  it('is patched when some examples come and others go, and stays so', async () => {
    const { directory, indexDir } = await buildIn(fifty);
    const before = currentDirectory(indexDir);
    const changed = [...makeExamples(3, 100), ...fifty.slice(5)];
    const patched = await reopen(directory, changed);
    expect(patched.how).toBe('3 added, 5 removed');
    expect(currentDirectory(indexDir)).not.toBe(before);
    const again = await reopen(directory, changed);
    expect(again).toMatchObject({ how: 'up to date', embedded: [] });
    const fresh = (await buildIn(changed)).built.index;
    for (const { index } of [patched, again]) {
      expect(index.size).toBe(48);
      expect(await answers(index)).toEqual(await answers(fresh));
    }
  });

  it('is patched again where it was patched before', async () => {
    const { directory } = await buildIn(fifty);
    await reopen(directory, fifty.slice(5));
    const { index, how } = await reopen(directory, fifty.slice(10));
    expect(how).toBe('0 added, 5 removed');
    expect(index.size).toBe(40);
    expect(await answers(index)).toEqual(
      await answers((await buildIn(fifty.slice(10))).built.index),
    );
  });

  it('is built anew when many examples have changed, from the vectors that are known', async () => {
    const { directory } = await buildIn(fifty);
    const { how, embedded, index } = await reopen(directory, fifty.slice(25));
    expect(how).toBe('built: many examples have changed');
    expect(embedded).toEqual([]);
    expect(index.size).toBe(25);
  });

  it('embeds a moved example no second time', async () => {
    const { directory } = await buildIn(fifty);
    const [first, ...others] = fifty;
    if (first === undefined) throw new Error('There are fifty.');
    const moved = { ...first, id: 'moved', className: 'math' };
    const { index, how, embedded } = await reopen(directory, [moved, ...others]);
    expect(how).toBe('1 added, 1 removed');
    expect(embedded).toEqual([]);
    const [{ vector } = { vector: new Float32Array() }] = await createFakeEmbedder().embed([
      first.text,
    ]);
    expect(index.neighbours(vector, 1)[0]?.example.className).toBe('math');
  });
});

describe('an index that can not be used', () => {
  const damages: [string, string, (generation: string, indexDir: string) => void][] = [
    [
      'is torn',
      'its file is damaged',
      (generation) => truncateSync(join(generation, 'index.hnsw'), 1_000),
    ],
    [
      'has a changed bit',
      'its file is damaged',
      (generation) => {
        const path = join(generation, 'index.hnsw');
        const content = readFileSync(path);
        content[content.length - 1] = (content.at(-1) ?? 0) ^ 1;
        writeFileSync(path, content);
      },
    ],
    ['has lost its file', 'ENOENT', (generation) => rmSync(join(generation, 'index.hnsw'))],
    [
      'has half a manifest',
      'JSON',
      (generation) => truncateSync(join(generation, 'manifest.json'), 100),
    ],
    [
      'has the manifest of another version',
      'its manifest is of another version or damaged',
      (generation) => {
        const path = join(generation, 'manifest.json');
        const manifest = JSON.parse(readFileSync(path, 'utf8'));
        writeFileSync(path, JSON.stringify({ ...manifest, formatVersion: 3 }));
      },
    ],
    [
      'was made by another version of the library',
      'it was built with hnswlib-node 0.0.1',
      (generation) => {
        const path = join(generation, 'manifest.json');
        const manifest = JSON.parse(readFileSync(path, 'utf8'));
        writeFileSync(path, JSON.stringify({ ...manifest, library: 'hnswlib-node 0.0.1' }));
      },
    ],
    [
      'is pointed to from an empty pointer',
      'its pointer is damaged',
      (_generation, indexDir) => writeFileSync(join(indexDir, 'current'), ''),
    ],
    [
      'is pointed to outside of its directory',
      'its pointer is damaged',
      (_generation, indexDir) => writeFileSync(join(indexDir, 'current'), '../elsewhere'),
    ],
    [
      'is pointed to no more',
      'there is none yet',
      (_generation, indexDir) => rmSync(join(indexDir, 'current')),
    ],
  ];

  it.each(damages)('because it %s is built anew, and says why', async (_fault, reason, damage) => {
    const { directory, indexDir, built } = await buildIn(fifty);
    damage(currentDirectory(indexDir), indexDir);
    const rebuilt = await reopen(directory, fifty);
    expect(rebuilt.how).toMatch(/^built: /);
    expect(rebuilt.how).toContain(reason);
    expect(rebuilt.embedded).toEqual([]);
    expect(await answers(rebuilt.index)).toEqual(await answers(built.index));
    expect((await reopen(directory, fifty)).how).toBe('up to date');
  });

  it('because it was made with another encoder is built anew with the new one', async () => {
    const { directory } = await buildIn(fifty);
    const embedder = createFakeEmbedder({ hash: 'other', dimensions: 32 });
    const parts = openParts({ directory, library, embedder });
    const { how } = await openOrBuildIndex({ ...parts, ...setOf(fifty) });
    expect(how).toBe('built: it was built with another encoder');
    expect(embedder.calls.flat()).toHaveLength(50);
    expect(readCurrent(parts.indexDir)).toMatchObject({ manifest: { dimensions: 32 } });
  });
});

describe('building an index', () => {
  it('replaces the current one and leaves nothing of the older behind', async () => {
    const { parts, indexDir } = await buildIn(fifty);
    writeFileSync(join(indexDir, 'current.left-by-a-crash'), '');
    const before = currentDirectory(indexDir);
    const { how } = await buildIndex({ ...parts, ...setOf(fifty) }, 'asked for');
    expect(how).toBe('built: asked for');
    const after = currentDirectory(indexDir);
    expect(after).not.toBe(before);
    expect(readdirSync(indexDir)).toHaveLength(2);
    expect(readdirSync(after).sort()).toEqual(['index.hnsw', 'manifest.json']);
  });

  it('keeps the exact index in memory where there is no graph library, and leaves word on disk', async () => {
    const { built } = await buildIn(fifty);
    const withoutGraph = makeTempDirectory();
    const parts = openParts({ directory: withoutGraph, library: undefined });
    const { index, how } = await openOrBuildIndex({ ...parts, ...setOf(fifty) });
    expect(how).toBe('built: the exact index is kept in memory only');
    expect(index.kind).toBe('exact');
    expect(readdirSync(currentDirectory(parts.indexDir))).toEqual(['manifest.json']);
    const nearest = async (each: ExampleIndex) => (await answers(each)).map(([hit]) => hit);
    expect(await nearest(index)).toEqual(await nearest(built.index));
  });
});

describe('a directory that can not be written', () => {
  const blocked = () => join(writeFileIn(makeTempDirectory(), 'file', ''), 'data');

  it('has its index in memory, which answers the same', async () => {
    const { built } = await buildIn(fifty);
    const inMemory = await buildIn(fifty, blocked());
    expect(inMemory.built.how).toMatch(/^built: .*\(in memory only: ENOTDIR/);
    expect(inMemory.parts.vectors.unwritable).toContain('ENOTDIR');
    expect(inMemory.parts.vectors.size).toBe(50);
    expect(await answers(inMemory.built.index)).toEqual(await answers(built.index));
  });

  it('makes who asks for a build learn of it', async () => {
    const parts = openParts({ directory: blocked(), library });
    await expect(buildIndex({ ...parts, ...setOf(fifty) }, 'asked for')).rejects.toThrow('ENOTDIR');
  });
});
