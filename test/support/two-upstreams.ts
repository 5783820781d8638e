import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';

export const shippedExamples = join(import.meta.dirname, '../../datasets/examples');

/** Everything that ships, as the shipped configuration has it. */
export const shipped = {
  directory: shippedExamples,
  conversations: join(import.meta.dirname, '../../datasets/conversations.jsonl'),
  tuning: join(import.meta.dirname, '../../datasets/tuning.json'),
};

/** What one test does to a provider is nothing to the next. */
export const withoutMemory = { retries: { perModel: 0 }, breaker: { enabled: false } };

/** The fourteen classes of the shipped examples. */
const classNames = readdirSync(shippedExamples).map((file) => basename(file, '.jsonl'));

/**
 * Two providers: `strong` serves strong-1 and strong-2, `cheap` serves cheap-1. Coding prefers the
 * strong models; every other class prefers the cheap one.
 */
export function twoUpstreams(urls: { strong: string; cheap: string }): object {
  const provider = (baseUrl: string) => ({ baseUrl, apiKey: 'provider-secret' });
  return {
    examples: shipped,
    embedding: { workers: 1 },
    routing: { defaultClass: 'knowledge' },
    ...withoutMemory,
    providers: { strong: provider(urls.strong), cheap: provider(urls.cheap) },
    models: {
      'strong-1': { provider: 'strong', name: 'upstream-strong-1', contextWindow: 200_000 },
      'strong-2': { provider: 'strong', contextWindow: 100_000 },
      'cheap-1': { provider: 'cheap', contextWindow: 50_000 },
    },
    classes: Object.fromEntries(
      classNames.map((name) => [
        name,
        { models: name === 'coding' ? ['strong-1', 'strong-2'] : ['cheap-1'] },
      ]),
    ),
  };
}
