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
classes:
  chat: { description: Small talk, models: [cheap, gpt-4o-mini] }
  coding: { models: [mirrored], threshold: 0.8 }
routing: { defaultClass: chat, threshold: 0.4 }
`;

function catalogue(environment: Environment = {}) {
  return createCatalogue(loadText(text, environment));
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
    const { models } = catalogue();
    expect(models.get('gpt-4o-mini')?.unusable).toBe('no API key: set OPENAI_API_KEY');
    expect(models.get('sleeping')?.unusable).toBe('not enabled');
    const withKey = catalogue({ OPENAI_API_KEY: 'secret' });
    expect(withKey.models.get('gpt-4o-mini')?.unusable).toBeUndefined();
  });

  it('looks prices and context windows up by the name that the provider uses', () => {
    const { models } = catalogue();
    const listed = models.get('gpt-4o-mini');
    expect(listed).toMatchObject({ upstreamName: 'gpt-4o-mini', contextWindow: 128_000 });
    expect(listed?.prices?.input).toBeGreaterThan(0);
    expect(listed?.prices?.output).toBeGreaterThan(listed?.prices?.input ?? 0);
    expect(models.get('mirrored')?.prices).toEqual(listed?.prices);
  });

  it('prefers what the file says', () => {
    const { models } = catalogue();
    expect(models.get('cheap')).toMatchObject({
      prices: { input: 1, output: 2 },
      contextWindow: 128_000,
    });
    expect(models.get('mirrored')?.contextWindow).toBe(1000);
  });

  it('knows nothing of models that are on no list', () => {
    expect(catalogue().models.get('home-made')).toMatchObject({
      upstreamName: 'home-made',
      contextWindow: undefined,
      prices: undefined,
    });
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
