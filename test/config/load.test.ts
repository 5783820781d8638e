import { mkdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ConfigError, loadConfig } from '../../src/config/load.ts';
import { makeTempDirectory, writeFileIn } from '../support/temp-directory.ts';
import { loadText, problemsOf, smallest } from './load-text.ts';

describe('loading a configuration', () => {
  it('fills in every default', () => {
    expect(loadText(smallest)).toMatchObject({
      server: { host: '127.0.0.1', port: 8080 },
      log: { level: 'info' },
      embedding: { model: 'all-MiniLM-L6-v2', workers: 1, allowDownload: false },
      routing: { maxAttempts: 4, deadlineMs: 300_000 },
      providers: { corp: { apiKey: '', keyRequired: true, enabled: true, headers: {} } },
      models: { large: { timeouts: { totalMs: 300_000 } } },
      modelsDir: undefined,
    });
  });

  it('reads JSON as well', () => {
    const file = {
      providers: { corp: { baseUrl: 'http://127.0.0.1:9000' } },
      models: { large: { provider: 'corp' } },
      classes: { chat: { models: ['large'] } },
      routing: { defaultClass: 'chat' },
    };
    expect(loadText(JSON.stringify(file, null, '\t'))).toMatchObject({ classes: file.classes });
  });

  it('takes directories relative to the file, and the default one in the working directory', () => {
    const directory = makeTempDirectory();
    const elsewhere = makeTempDirectory();
    const file = writeFileIn(directory, 'etc/router.yaml', `${smallest}modelsDir: ../models\n`);
    const config = loadConfig({ file, environment: {}, workingDirectory: elsewhere });
    expect(config.modelsDir).toBe(join(directory, 'models'));
    expect(config.examples.directory).toBe(join(directory, 'etc/datasets/examples'));
    expect(config.examples.conversations).toBeUndefined();
    expect(config.dataDir).toBe(join(elsewhere, '.switchyard'));
  });

  it('takes the file of conversations relative to its own', () => {
    const examples = { directory: 'examples', conversations: '../spoken.jsonl' };
    const directory = makeTempDirectory();
    const content = `${smallest}examples: ${JSON.stringify(examples)}\n`;
    const file = writeFileIn(directory, 'etc/router.yaml', content);
    const config = loadConfig({ file, environment: {}, workingDirectory: makeTempDirectory() });
    expect(config.examples.conversations).toBe(join(directory, 'spoken.jsonl'));
  });

  it('takes a data directory relative to the file that names it', () => {
    expect(loadText(`${smallest}dataDir: data\n`).dataDir).toMatch(/switchyard-\w+\/data$/);
  });

  it('takes a relative file from the working directory', () => {
    const directory = makeTempDirectory();
    writeFileIn(directory, 'etc/router.yaml', smallest);
    const options = { file: 'router.yaml', environment: {} };
    const config = loadConfig({ ...options, workingDirectory: join(directory, 'etc') });
    expect(config.file).toBe(join(directory, 'etc/router.yaml'));
    expect(() => loadConfig({ ...options, workingDirectory: directory })).toThrow(ConfigError);
  });

  it('can not be changed afterwards, however deep', () => {
    const config = loadText(smallest);
    expect(Object.isFrozen(config)).toBe(true);
    expect(Object.isFrozen(config.models['large']?.timeouts)).toBe(true);
    expect(Object.isFrozen(config.classes['chat']?.models)).toBe(true);
    expect(() => Object.assign(config.routing, { defaultClass: 'other' })).toThrow(TypeError);
  });
});

describe('a file that is no configuration', () => {
  it('is reported by name when it is missing or a directory', () => {
    const directory = makeTempDirectory();
    mkdirSync(join(directory, 'folder'));
    for (const [name, code] of [
      ['none.yaml', 'ENOENT'],
      ['folder', 'EISDIR'],
    ] as const) {
      const load = () =>
        loadConfig({ file: join(directory, name), environment: {}, workingDirectory: directory });
      expect(load).toThrow(resolve(directory, name));
      expect(problemsOf(load)).toEqual([
        { path: '', message: expect.stringContaining(`cannot be read: ${code}`) },
      ]);
    }
  });

  it('names the sections that an empty file lacks', () => {
    for (const text of ['', '# only a comment\n']) {
      const paths = problemsOf(() => loadText(text)).map(({ path }) => path);
      expect(paths.sort()).toEqual(['classes', 'models', 'providers', 'routing']);
    }
  });

  it('says that a list or a word is no map', () => {
    for (const [text, kind] of [
      ['- providers\n- models\n', 'array'],
      ['providers', 'string'],
    ] as const) {
      const [problem, ...others] = problemsOf(() => loadText(text, { PORT: '1' }));
      expect(problem?.message).toContain(`expected object, received ${kind}`);
      expect(others).toEqual([]);
    }
  });

  it('shows the line of a mistake in the YAML', () => {
    const load = () => loadText(`${smallest}server:\n  host: [::1\nlog: {}\n`);
    expect(load).toThrow(/line 12/);
    expect(load).toThrow(/host: \[::1/);
  });

  it('reports keys that stand twice and aliases without an anchor', () => {
    const twice = problemsOf(() => loadText(`${smallest}models: {}\n`));
    expect(twice).toEqual([{ path: '', message: expect.stringContaining('must be unique') }]);
    const alias = problemsOf(() => loadText(`${smallest}log: *missing\n`));
    expect(alias).toEqual([{ path: '', message: expect.stringContaining('Unresolved alias') }]);
  });

  it('puts the file and every problem with its path into the message', () => {
    const load = () => loadText(smallest.replace('[large]', '[larg]').replace('baseUrl', 'url'));
    expect(load).toThrow(dirname(makeTempDirectory()));
    expect(load).toThrow(/\n {2}providers\.corp\.url: unknown key "url"/);
    expect(load).toThrow(/\n {2}classes\.chat\.models\.0: there is no model "larg"/);
  });
});
