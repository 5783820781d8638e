import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Home } from './run-switchyard.ts';
import { shippedExamples } from './two-upstreams.ts';

/** Easy to tell apart. */
const classNames = ['coding', 'math', 'translation', 'rewriting'];

/**
 * Configures four classes alone, each with the first of its shipped examples: fitting them takes a moment. Nobody
 * answers for their model. Returns the directory of the examples.
 */
export function configureFewExamples(home: Home, perClass: number): string {
  const directory = join(home.directory, 'examples');
  mkdirSync(directory);
  for (const name of classNames) {
    const lines = readFileSync(join(shippedExamples, `${name}.jsonl`), 'utf8').split('\n');
    writeFileSync(join(directory, `${name}.jsonl`), `${lines.slice(0, perClass).join('\n')}\n`);
  }
  home.writeConfig({
    embedding: { workers: 1 },
    examples: { directory },
    routing: { defaultClass: 'coding' },
    providers: { nobody: { baseUrl: 'http://127.0.0.1:9/v1' } },
    models: { none: { provider: 'nobody' } },
    classes: Object.fromEntries(classNames.map((name) => [name, { models: ['none'] }])),
  });
  return directory;
}
