import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { readDataset } from '../../src/examples/dataset.ts';

const config = loadConfig({
  file: resolve('switchyard.yaml'),
  environment: {},
  workingDirectory: resolve('.'),
});

describe('the shipped examples', () => {
  it('load, and every configured class has at least forty', () => {
    const classNames = new Set(Object.keys(config.classes));
    const { directory, maxCharacters } = config.examples;
    const examples = readDataset(directory, { classNames, maxCharacters });
    expect(classNames.size).toBe(14);
    for (const name of classNames) {
      const own = examples.filter(({ className }) => className === name);
      expect(own.length, name).toBeGreaterThanOrEqual(40);
    }
  });
});
