import { describe, expect, it } from 'vitest';
import { createCatalogue } from '../../src/config/catalogue.ts';
import type { Environment } from '../../src/config/load.ts';
import { loadText } from './load-text.ts';

const text = `
providers:
  openai: { baseUrl: api.openai.com, apiKey: '\${OPENAI_API_KEY:-}' }
  literal: { baseUrl: corp, apiKey: secret, priceList: openai }
  forgotten: { baseUrl: corp }
  open: { baseUrl: corp, keyRequired: false }
  off: { baseUrl: corp, keyRequired: false, enabled: false }
models:
  gpt-4o-mini: { provider: openai }
  cheap: { provider: literal, name: gpt-4o-mini, prices: { input: 1, output: 2 } }
  mirrored: { provider: literal, name: gpt-4o-mini, contextWindow: 1000 }
  home-made: { provider: open }
  sleeping: { provider: off }
  shared:
    name: gpt-4o-mini
    contextWindow: 64000
    prices: { input: 5, output: 6 }
    deployments:
      - { provider: literal, weight: 3 }
      - { provider: forgotten, name: ours, prices: { input: 7, output: 8 } }
classes:
  chat: { description: Small talk, models: [cheap, gpt-4o-mini] }
  coding: { models: [mirrored], threshold: 0.8 }
routing: { defaultClass: chat, threshold: 0.4 }
`;

function catalogue(environment: Environment = {}) {
  return createCatalogue(loadText(text, environment));
}

/** The one that a model with a single provider has. */
function deployment(model: string, environment?: Environment) {
  return catalogue(environment).models.get(model)?.deployments[0];
}

describe('the catalogue', () => {
  it('says why a provider is not usable, and which variable would help', () => {
    expect(catalogue().providers).toEqual([
      { name: 'openai', unusable: 'no API key: set OPENAI_API_KEY' },
      { name: 'literal', unusable: undefined },
      { name: 'forgotten', unusable: 'no API key configured' },
      { name: 'open', unusable: undefined },
      { name: 'off', unusable: 'not enabled' },
    ]);
  });

  it('gives models the state of their provider', () => {
    expect(deployment('gpt-4o-mini')?.unusable).toBe('no API key: set OPENAI_API_KEY');
    expect(deployment('sleeping')?.unusable).toBe('not enabled');
    const withKey = deployment('gpt-4o-mini', { OPENAI_API_KEY: 'secret' });
    expect(withKey).toMatchObject({ unusable: undefined });
  });

  it('looks prices and context windows up by the name that the provider uses', () => {
    const listed = deployment('gpt-4o-mini');
    expect(listed).toMatchObject({ upstreamName: 'gpt-4o-mini', contextWindow: 128_000 });
    expect(listed?.prices?.input).toBeGreaterThan(0);
    expect(listed?.prices?.output).toBeGreaterThan(listed?.prices?.input ?? 0);
    expect(deployment('mirrored')?.prices).toEqual(listed?.prices);
  });

  it('prefers what the file says', () => {
    expect(deployment('cheap')).toMatchObject({
      prices: { input: 1, output: 2 },
      contextWindow: 128_000,
    });
    expect(deployment('mirrored')?.contextWindow).toBe(1000);
  });

  it('knows nothing of models that are on no list', () => {
    expect(deployment('home-made')).toMatchObject({
      upstreamName: 'home-made',
      contextWindow: undefined,
      prices: undefined,
    });
  });

  it('has every deployment of a model, with a name, a state and prices of its own', () => {
    const { models } = catalogue();
    expect(models.get('shared')?.deployments).toMatchObject([
      {
        name: 'shared@literal',
        model: 'shared',
        provider: 'literal',
        upstreamName: 'gpt-4o-mini',
        weight: 3,
        contextWindow: 64_000,
        prices: { input: 5, output: 6 },
        unusable: undefined,
      },
      {
        name: 'shared@forgotten',
        provider: 'forgotten',
        upstreamName: 'ours',
        weight: 1,
        contextWindow: 64_000,
        prices: { input: 7, output: 8 },
        unusable: 'no API key configured',
      },
    ]);
  });

  it('takes a provider alone for one deployment, which has the name of the model', () => {
    expect(deployment('cheap')).toMatchObject({ name: 'cheap', model: 'cheap', weight: 1 });
  });

  it('has the classes with their models, and the one that serves by default', () => {
    const { classes, defaultClass } = catalogue();
    expect(classes.get('chat')).toEqual({
      name: 'chat',
      description: 'Small talk',
      models: ['cheap', 'gpt-4o-mini'],
    });
    expect(defaultClass).toBe('chat');
  });
});
