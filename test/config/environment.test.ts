import { describe, expect, it } from 'vitest';
import { interpolate } from '../../src/config/interpolate.ts';
import { loadText, problemsOf, smallest } from './load-text.ts';

describe('references to the environment', () => {
  it('are replaced in every string, several to one, and never in keys', () => {
    const key = `a\${HOST}`;
    const list = [`\${HOST}:\${PORT}`, 7, null];
    const input = { [key]: list, b: { c: `\${PORT}` }, d: '$HOST {}' };
    const { value, missing } = interpolate(input, { HOST: 'example', PORT: '80' });
    expect(value).toEqual({ [key]: ['example:80', 7, null], b: { c: '80' }, d: '$HOST {}' });
    expect(missing).toEqual([]);
  });

  it('are not looked for in what a variable holds', () => {
    expect(interpolate(`\${A}`, { A: `\${B} $&`, B: 'no' }).value).toBe(`\${B} $&`);
  });

  it('take the default when the variable is unset or empty', () => {
    for (const environment of [{}, { NAME: '' }, { NAME: undefined }]) {
      expect(interpolate(`<\${NAME:-x y}>`, environment).value).toBe('<x y>');
      expect(interpolate(`<\${NAME:-}>`, environment).value).toBe('<>');
    }
    expect(interpolate(`<\${NAME:-x}>`, { NAME: 'set' }).value).toBe('<set>');
  });

  it('without a default are errors that name the variable and its place', () => {
    const text = smallest.replace("9000' }", `9000', apiKey: '\${CORP_KEY}' }`);
    expect(loadText(text, { CORP_KEY: 'secret' }).providers['corp']?.apiKey).toBe('secret');
    expect(problemsOf(() => loadText(text))).toEqual([
      {
        path: 'providers.corp.apiKey',
        message: expect.stringContaining('CORP_KEY is not set'),
      },
    ]);
  });

  it('are reported together with what else is wrong', () => {
    const text = smallest.replace("9000' }", `9000', apiKey: '\${CORP_KEY}', headers: 1 }`);
    expect(problemsOf(() => loadText(text)).map(({ path }) => path)).toEqual([
      'providers.corp.apiKey',
      'providers.corp.headers',
    ]);
  });
});

describe('what the environment says', () => {
  const text = `${smallest}server: { host: localhost, port: 1 }\nlog: { level: warn }\ndataDir: data\n`;

  it('wins over the file', () => {
    const config = loadText(text, {
      HOST: '::1',
      PORT: '0',
      LOG_LEVEL: 'debug',
      SWITCHYARD_DATA_DIR: '/var/lib/switchyard',
    });
    expect(config.server).toMatchObject({ host: '::1', port: 0 });
    expect(config.log.level).toBe('debug');
    expect(config.dataDir).toBe('/var/lib/switchyard');
  });

  it('wins over sections that are absent or empty too', () => {
    expect(loadText(smallest, { PORT: '9090' }).server.port).toBe(9090);
    expect(loadText(`${smallest}server:\n`, { PORT: '9090' }).server.port).toBe(9090);
  });

  it('leaves the file alone where a variable is empty', () => {
    const config = loadText(text, { HOST: '', PORT: '', LOG_LEVEL: '', SWITCHYARD_DATA_DIR: '' });
    expect(config.server).toMatchObject({ host: 'localhost', port: 1 });
    expect(config.log.level).toBe('warn');
    expect(config.dataDir).toMatch(/\/data$/);
  });

  it('is checked like the file', () => {
    for (const port of ['http', '8080x', '-1', '65536', '80.5']) {
      const paths = problemsOf(() => loadText(text, { PORT: port })).map(({ path }) => path);
      expect(paths, port).toEqual(['server.port']);
    }
    const paths = problemsOf(() => loadText(text, { LOG_LEVEL: 'loud' })).map(({ path }) => path);
    expect(paths).toEqual(['log.level']);
  });

  it('does not hide that a section of the file is no section', () => {
    for (const section of ['8080', 'debug', '[1]']) {
      const broken = `${smallest}server: ${section}\nlog: ${section}\n`;
      const paths = problemsOf(() => loadText(broken, { PORT: '1' })).map(({ path }) => path);
      expect(paths, section).toEqual(['server', 'log']);
    }
  });
});
