import { dirname } from 'node:path';
import { type Config, ConfigError, type Environment, loadConfig } from '../../src/config/load.ts';
import type { ConfigProblem } from '../../src/config/validate.ts';
import { makeTempDirectory, writeFileIn } from '../support/temp-directory.ts';

/** The least that a configuration must say. */
export const smallest = `
providers:
  corp: { baseUrl: 'http://127.0.0.1:9000' }
models:
  large: { provider: corp }
classes:
  chat: { models: [large] }
routing:
  defaultClass: chat
`;

export function loadText(text: string, environment: Environment = {}): Config {
  const file = writeFileIn(makeTempDirectory(), 'switchyard.yaml', text);
  return loadConfig({ file, environment, workingDirectory: dirname(file) });
}

/** What is wrong with a configuration that must not load. */
export function problemsOf(load: () => Config): readonly ConfigProblem[] {
  try {
    load();
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  throw new Error('The configuration loads.');
}
