import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { allDeployments, createCatalogue } from '../../src/config/catalogue.ts';
import { type Environment, loadConfig } from '../../src/config/load.ts';

const file = resolve('switchyard.yaml');

/** Providers that a key alone makes usable. */
const keys = [
  ['openai', 'OPENAI_API_KEY'],
  ['anthropic', 'ANTHROPIC_API_KEY'],
  ['gemini', 'GEMINI_API_KEY'],
  ['huggingface', 'HF_TOKEN'],
  ['openrouter', 'OPENROUTER_API_KEY'],
  ['groq', 'GROQ_API_KEY'],
  ['mistral', 'MISTRAL_API_KEY'],
  ['deepseek', 'DEEPSEEK_API_KEY'],
  ['together', 'TOGETHER_API_KEY'],
] as const;

function load(environment: Environment) {
  return loadConfig({ file, environment, workingDirectory: resolve('.') });
}

describe('the shipped configuration', () => {
  it('loads with nothing set, and then no provider is usable', () => {
    const { providers, classes, defaultClass } = createCatalogue(load({}));
    expect(Object.fromEntries(providers.map(({ name, unusable }) => [name, unusable]))).toEqual({
      ...Object.fromEntries(keys.map(([name, key]) => [name, `no API key: set ${key}`])),
      azure: 'not enabled',
      vllm: 'not enabled',
      ollama: 'not enabled',
    });
    expect(classes.size).toBe(14);
    expect(classes.has(defaultClass)).toBe(true);
  });

  it('makes every provider usable once its variable is set', () => {
    const environment = {
      ...Object.fromEntries(keys.map(([, key]) => [key, `secret of ${key}`])),
      AZURE_OPENAI_ENDPOINT: 'https://ours.openai.azure.com',
      AZURE_OPENAI_API_KEY: 'secret of Azure',
      VLLM_BASE_URL: '127.0.0.1:8000',
      OLLAMA_HOST: '127.0.0.1:11434',
    };
    const config = load(environment);
    const catalogue = createCatalogue(config);
    const { providers } = catalogue;
    expect(providers.every(({ unusable }) => unusable === undefined)).toBe(true);
    expect(allDeployments(catalogue).every(({ unusable }) => unusable === undefined)).toBe(true);
    expect(config.providers['huggingface']?.apiKey).toBe('secret of HF_TOKEN');
    expect(config.providers['ollama']?.baseUrl).toBe('http://127.0.0.1:11434/v1');
    expect(config.providers['azure']?.baseUrl).toBe(
      'https://ours.openai.azure.com/openai/deployments/%7Bmodel%7D?api-version=2024-10-21',
    );
  });

  it('sends the traffic of a provider to the address in its variable', () => {
    const config = load({ OPENAI_BASE_URL: 'http://localhost:9999/openai/v1/' });
    expect(config.providers['openai']?.baseUrl).toBe('http://localhost:9999/openai/v1');
  });

  it('knows the prices of every model that a class prefers', () => {
    const { classes, models } = createCatalogue(load({}));
    for (const name of [...classes.values()].flatMap(({ models }) => models)) {
      expect(models.get(name)?.deployments[0]?.prices, name).toBeDefined();
    }
  });

  it('gives every class a description and models of more than one provider', () => {
    const { classes, models } = createCatalogue(load({}));
    for (const { name, description, models: preferred } of classes.values()) {
      expect(description, name).not.toBe('');
      const providers = new Set(
        preferred.map((model) => models.get(model)?.deployments[0]?.provider),
      );
      expect(providers.size, name).toBeGreaterThan(1);
    }
  });
});
