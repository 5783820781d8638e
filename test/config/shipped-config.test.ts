import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createCatalogue } from '../../src/config/catalogue.ts';
import { type Environment, loadConfig } from '../../src/config/load.ts';

const file = resolve('switchyard.yaml');

function load(environment: Environment) {
  return loadConfig({ file, environment, workingDirectory: resolve('.') });
}

describe('the shipped configuration', () => {
  it('loads with nothing set, and then no provider is usable', () => {
    const { providers, classes, defaultClass } = createCatalogue(load({}));
    expect(providers.map(({ unusable }) => unusable)).toEqual([
      'no API key: set OPENAI_API_KEY',
      'no API key: set ANTHROPIC_API_KEY',
      'no API key: set HF_TOKEN',
      'no API key: set OPENROUTER_API_KEY',
      'not enabled',
    ]);
    expect(classes.size).toBe(14);
    expect(classes.has(defaultClass)).toBe(true);
  });

  it('makes every provider usable once its variable is set', () => {
    const keys = ['OPENAI_API_KEY', 'ANTHROPIC_API_KEY', 'HF_TOKEN', 'OPENROUTER_API_KEY'];
    const environment = {
      ...Object.fromEntries(keys.map((name) => [name, `secret of ${name}`])),
      OLLAMA_HOST: '127.0.0.1:11434',
    };
    const config = load(environment);
    const { providers, models } = createCatalogue(config);
    expect(providers.every(({ unusable }) => unusable === undefined)).toBe(true);
    expect([...models.values()].every(({ unusable }) => unusable === undefined)).toBe(true);
    expect(config.providers['huggingface']?.apiKey).toBe('secret of HF_TOKEN');
    expect(config.providers['ollama']?.baseUrl).toBe('http://127.0.0.1:11434/v1');
  });

  it('sends the traffic of a provider to the address in its variable', () => {
    const config = load({ OPENAI_BASE_URL: 'http://localhost:9999/openai/v1/' });
    expect(config.providers['openai']?.baseUrl).toBe('http://localhost:9999/openai/v1');
  });

  it('knows the prices of every model', () => {
    for (const { name, prices } of createCatalogue(load({})).models.values()) {
      expect(prices, name).toBeDefined();
    }
  });

  it('gives every class a description and models of more than one provider', () => {
    const { classes, models } = createCatalogue(load({}));
    for (const { name, description, models: preferred } of classes.values()) {
      expect(description, name).not.toBe('');
      const providers = new Set(preferred.map((model) => models.get(model)?.provider));
      expect(providers.size, name).toBeGreaterThan(1);
    }
  });
});
