import { describe, expect, it } from 'vitest';
import { toConfigJsonSchema } from '../../src/config/schema.ts';
import { validateConfig } from '../../src/config/validate.ts';

const valid = {
  providers: { corp: { baseUrl: 'http://127.0.0.1:9000' } },
  models: { large: { provider: 'corp' }, small: { provider: 'corp' } },
  classes: { chat: { models: ['small', 'large'] }, coding: { models: ['large'] } },
  routing: { defaultClass: 'chat' },
};

/** `path: message` of every problem. */
function problems(changes: object): string[] {
  const result = validateConfig({ ...valid, ...changes });
  return result.kind === 'valid'
    ? []
    : result.problems.map(({ path, message }) => `${path}: ${message}`);
}

function baseUrlOf(baseUrl: string): string | undefined {
  const result = validateConfig({ ...valid, providers: { corp: { baseUrl } } });
  return result.kind === 'valid' ? result.config.providers['corp']?.baseUrl : undefined;
}

describe('checking a configuration', () => {
  it('accepts what is right', () => {
    expect(problems({})).toEqual([]);
  });

  it('reports everything at once, with its place and what was probably meant', () => {
    expect(
      problems({
        embeding: {},
        server: { port: '80', hosts: 'x' },
        providers: { corp: { baseUrl: 'ftp://corp', apikey: 'x' } },
        models: { large: { provider: 'crop', prices: { input: -1, output: 1 } }, small: {} },
        classes: { chat: { models: [] }, coding: { models: ['larg'], threshold: 2 } },
        routing: { defaultClass: 'codin', maxAttempts: 0 },
      }).sort(),
    ).toEqual([
      'classes.chat.models: Too small: expected array to have >=1 items',
      'classes.coding.models.0: there is no model "larg" (did you mean "large"?)',
      'classes.coding.threshold: Too big: expected number to be <=1',
      'embeding: unknown key "embeding" (did you mean "embedding"?)',
      'models.large.prices.input: Too small: expected number to be >=0',
      'models.large.provider: there is no provider "crop" (did you mean "corp"?)',
      'models.small: names neither a provider nor deployments',
      'providers.corp.apikey: unknown key "apikey" (did you mean "apiKey"?)',
      'providers.corp.baseUrl: "ftp://corp" is not an http or https address',
      'routing.defaultClass: there is no class "codin" (did you mean "coding"?)',
      'routing.maxAttempts: Too small: expected number to be >=1',
      'server.hosts: unknown key "hosts" (did you mean "host"?)',
      'server.port: Invalid input: expected number, received string',
    ]);
  });

  it('says what a name may consist of', () => {
    const classes = { ...valid.classes, 'Code Review': { models: ['large'] } };
    expect(problems({ classes })).toEqual([
      'classes.Code Review: use lower-case letters, digits and hyphens',
    ]);
  });

  it('keeps the names that mean something else in a request', () => {
    for (const name of ['auto', 'demo', 'class:chat']) {
      const models = { ...valid.models, [name]: { provider: 'corp' } };
      expect(problems({ models })).toEqual([`models.${name}: "${name}" is a reserved name`]);
    }
  });

  it('keeps the name of the built-in provider', () => {
    const providers = { ...valid.providers, demo: { baseUrl: 'http://127.0.0.1:1' } };
    expect(problems({ providers })).toEqual(['providers.demo: "demo" is a reserved name']);
  });

  it('wants a provider or deployments, each at a provider that there is, and none twice', () => {
    const models = {
      ...valid.models,
      both: { provider: 'corp', deployments: [{ provider: 'corp' }] },
      empty: { deployments: [] },
      wrong: { deployments: [{ provider: 'crop' }, { provder: 'corp', weight: 0 }] },
      twice: {
        deployments: [
          { provider: 'corp', name: 'a' },
          { provider: 'corp', name: 'b' },
        ],
      },
      'twice@corp': { provider: 'corp' },
      alone: { deployments: [{ provider: 'corp' }] },
      'alone@corp': { provider: 'corp' },
    };
    expect(problems({ models }).sort()).toEqual([
      'models.both.deployments: has a provider already; name it here',
      'models.empty.deployments: Too small: expected array to have >=1 items',
      'models.twice.deployments.1.provider: "corp" is listed already; another account of it is a provider of its own',
      'models.twice@corp: "twice@corp" is what a deployment of "twice" is called',
      'models.wrong.deployments.0.provider: there is no provider "crop" (did you mean "corp"?)',
      'models.wrong.deployments.1.provder: unknown key "provder" (did you mean "provider"?)',
      'models.wrong.deployments.1.provider: Invalid input: expected string, received undefined',
      'models.wrong.deployments.1.weight: Too small: expected number to be >0',
    ]);
  });

  it('does not take what every object has for something configured', () => {
    expect(problems({ routing: { defaultClass: 'constructor' } })).toEqual([
      'routing.defaultClass: there is no class "constructor"',
    ]);
  });
});

describe('the address of a provider', () => {
  it.each([
    ['https://api.example.com/v1', 'https://api.example.com/v1'],
    ['https://api.example.com/v1/', 'https://api.example.com/v1'],
    ['https://api.example.com', 'https://api.example.com/v1'],
    ['http://127.0.0.1:11434/', 'http://127.0.0.1:11434/v1'],
    ['127.0.0.1:11434', 'http://127.0.0.1:11434/v1'],
    ['localhost:11434', 'http://localhost:11434/v1'],
    ['ollama', 'http://ollama/v1'],
    ['[::1]:11434', 'http://[::1]:11434/v1'],
    ['https://example.com/deep/api/v2', 'https://example.com/deep/api/v2'],
    ['HTTPS://Example.com:443/v1', 'https://example.com/v1'],
  ])('%s means %s', (text, meant) => {
    expect(baseUrlOf(text)).toBe(meant);
  });

  it.each(['', 'file:///etc/passwd', 'http://', 'https://name:secret@example.com/v1'])(
    'can not be "%s"',
    (text) => {
      expect(baseUrlOf(text)).toBeUndefined();
    },
  );
});

describe('switching a provider on', () => {
  it.each([
    [true, true],
    [false, false],
    ['', false],
    ['false', false],
    ['no', false],
    ['0', false],
    ['127.0.0.1:11434', true],
    ['true', true],
  ])('%j means %s', (enabled, meant) => {
    const providers = { corp: { baseUrl: 'corp', enabled } };
    const result = validateConfig({ ...valid, providers });
    expect(result).toMatchObject({ config: { providers: { corp: { enabled: meant } } } });
  });
});

describe('the JSON schema', () => {
  it('describes the file as it is written: defaults are optional, unknown keys forbidden', () => {
    const schema = toConfigJsonSchema();
    expect(schema).toMatchObject({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      additionalProperties: false,
      properties: { routing: { properties: { maxAttempts: { default: 4, maximum: 20 } } } },
    });
    expect(schema['required']).toEqual(['routing', 'providers', 'models', 'classes']);
  });
});
