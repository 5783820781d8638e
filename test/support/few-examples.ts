import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createBareHome, type Home } from './run-switchyard.ts';
import { shippedExamples } from './two-upstreams.ts';

/** Easy to tell apart. */
const classNames = ['coding', 'math', 'translation', 'rewriting'];

interface FewExamplesHome extends Home {
  readonly examplesDirectory: string;
}

/**
 * A home that configures four classes alone, each with the first of its shipped examples: indexing and fitting them
 * takes a moment. Nobody answers for their model.
 */
export function createFewExamplesHome(perClass: number): FewExamplesHome {
  const home = createBareHome();
  const examplesDirectory = join(home.directory, 'examples');
  mkdirSync(examplesDirectory);
  for (const name of classNames) {
    const lines = readFileSync(join(shippedExamples, `${name}.jsonl`), 'utf8').split('\n');
    const few = `${lines.slice(0, perClass).join('\n')}\n`;
    writeFileSync(join(examplesDirectory, `${name}.jsonl`), few);
  }
  home.writeConfig({
    embedding: { workers: 1 },
    examples: { directory: examplesDirectory },
    routing: { defaultClass: 'coding' },
    providers: { nobody: { baseUrl: 'http://127.0.0.1:9/v1' } },
    models: { none: { provider: 'nobody' } },
    classes: Object.fromEntries(classNames.map((name) => [name, { models: ['none'] }])),
  });
  return { ...home, examplesDirectory };
}
