import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { describe, expect, it } from 'vitest';
import { errorCodes } from '../src/errors.ts';

const source = resolve('src');

/** From the top down. A part imports parts of lower levels; within a level only where it says so. */
const levels: { readonly parts: readonly string[]; readonly mayShare?: boolean }[] = [
  { parts: ['main'] },
  { parts: ['commands'] },
  {
    parts: [
      'app',
      'open-embedder',
      'open-first-tier',
      'open-head',
      'open-routing',
      'open-upstream',
    ],
    mayShare: true,
  },
  { parts: ['http'] },
  { parts: ['tuning'] },
  { parts: ['evaluation'] },
  { parts: ['routing', 'upstream', 'cache', 'experiments'] },
  {
    parts: ['index', 'classifier', 'examples', 'embedding', 'state', 'translation'],
    mayShare: true,
  },
  { parts: ['config', 'telemetry'], mayShare: true },
  {
    parts: [
      'errors',
      'error-shapes',
      'protocol',
      'clock',
      'random',
      'json',
      'normalise-text',
      'compare-texts',
      'replace-file',
      'spawn-worker',
      'stop-flag',
    ],
    mayShare: true,
  },
];

interface Import {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** A folder of src/, or a file that stands in it directly. */
function partOf(path: string): string {
  return (relative(source, path).split(sep)[0] ?? '').replace(/\.ts$/, '');
}

// `import type`, re-exports and dynamic imports count as well.
const specifier = /(?:\bfrom|\bimport|\bimport\()\s*'(\.[^']+)'/g;

function relativeImports(file: string): Import[] {
  return [...readFileSync(file, 'utf8').matchAll(specifier)].map(([, path = '']) => ({
    file: relative(source, file),
    from: partOf(file),
    to: partOf(resolve(dirname(file), path)),
  }));
}

function levelOf(part: string): number {
  return levels.findIndex(({ parts }) => parts.includes(part));
}

function isAllowed({ from, to }: Import): boolean {
  if (from === to) return true;
  const distance = levelOf(to) - levelOf(from);
  return distance > 0 || (distance === 0 && levels[levelOf(from)]?.mayShare === true);
}

describe('the source', () => {
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => join(source, file));
  const imports = files.flatMap(relativeImports);

  it('consists of parts that have a level', () => {
    const parts = new Set(files.map(partOf));
    expect([...parts].filter((part) => levelOf(part) === -1)).toEqual([]);
  });

  it('imports in one direction', () => {
    expect(imports.length).toBeGreaterThan(100);
    const wrong = imports.filter((each) => !isAllowed(each));
    expect(wrong.map(({ file, to }) => `${file} imports ${to}`)).toEqual([]);
  });

  it('lets only the main file reach the process', () => {
    const reaching = files.filter((file) =>
      /process\.(env|argv|exit|stdout|stderr)\b/.test(readFileSync(file, 'utf8')),
    );
    expect(reaching.map((file) => relative(source, file))).toEqual(['main.ts']);
  });
});

describe('the README', () => {
  it('documents every error code', () => {
    const readme = readFileSync('README.md', 'utf8');
    expect(errorCodes.filter((code) => !readme.includes(`\`${code}\``))).toEqual([]);
  });
});
