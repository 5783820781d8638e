import { isUtf8 } from 'node:buffer';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { ExplainedError, messageOf } from '../errors.ts';
import { normaliseText } from '../normalise-text.ts';
import { createExample, type Example, exampleLineSchema } from './example.ts';
import { type ExampleLimits, findFault } from './example-rules.ts';

export interface DatasetProblem {
  readonly file: string;
  /** Counted from 1; 0 means the file as a whole. */
  readonly line: number;
  readonly message: string;
}

const listed = 20;

/** The datasets can't be used: nothing of them is loaded. */
export class DatasetError extends ExplainedError {
  override readonly name = 'DatasetError';
  readonly problems: readonly DatasetProblem[];

  constructor(problems: readonly DatasetProblem[]) {
    const lines = problems
      .slice(0, listed)
      .map(({ file, line, message }) => `  ${file}${line === 0 ? '' : `:${line}`}: ${message}`);
    const more = problems.length > listed ? [`  … and ${problems.length - listed} more`] : [];
    super(`Lines that can't be used: ${problems.length}\n${[...lines, ...more].join('\n')}`);
    this.problems = problems;
  }
}

/** Reads every `<class>.jsonl` of a directory, or throws DatasetError with all bad lines. */
export function readDataset(directory: string, limits: ExampleLimits): Example[] {
  const problems: DatasetProblem[] = [];
  const byText = new Map<string, Example>();

  /** Where each example stands, by its id. */
  const places = new Map<string, string>();

  function read(path: string): void {
    const expectedClass = basename(path, '.jsonl');
    for (const [index, line] of readLines(path).entries()) {
      if (line.trim() === '') continue;
      const example = parseLine(line, expectedClass);
      const message = typeof example === 'string' ? example : explainFault(example);
      if (message !== undefined) problems.push({ file: path, line: index + 1, message });
      else if (typeof example !== 'string') {
        byText.set(normaliseText(example.text), example);
        places.set(example.id, `${path}:${index + 1}`);
      }
    }
  }

  function explainFault(example: Example): string | undefined {
    const fault = findFault(example, limits, (text) => byText.get(text));
    const place = fault?.same === undefined ? '' : ` (${places.get(fault.same.id)})`;
    return fault && `${fault.message}${place}`;
  }

  for (const file of listFiles(directory)) {
    try {
      read(join(directory, file));
    } catch (error) {
      if (!(error instanceof DatasetError)) throw error;
      problems.push(...error.problems);
    }
  }

  if (problems.length > 0) throw new DatasetError(problems);
  return [...byText.values()];
}

/**
 * The lines of a text file, without the mark that some editors begin it with. Throws DatasetError, which names it, where
 * it can't be read or is not UTF-8.
 */
export function readLines(path: string): string[] {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw new DatasetError([{ file: path, line: 0, message: messageOf(error) }]);
  }
  const lines = bytes
    .toString()
    .replace(/^\uFEFF/, '')
    .split('\n');
  if (!isUtf8(bytes)) {
    const line = 1 + lines.findIndex((each) => each.includes('\uFFFD'));
    throw new DatasetError([{ file: path, line, message: 'not UTF-8: save the file as that' }]);
  }
  return lines;
}

function listFiles(directory: string): string[] {
  try {
    return readdirSync(directory)
      .filter((file) => file.endsWith('.jsonl'))
      .sort();
  } catch (error) {
    throw new DatasetError([{ file: directory, line: 0, message: messageOf(error) }]);
  }
}

/** The example, or what is wrong with the line. */
function parseLine(line: string, expectedClass: string): Example | string {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    return `not JSON: ${messageOf(error)}`;
  }
  const parsed = exampleLineSchema.safeParse(value);
  if (!parsed.success) {
    return parsed.error.issues
      .map(({ path, message }) => (path.length === 0 ? message : `${path.join('.')}: ${message}`))
      .join('; ');
  }
  if (parsed.data.class !== expectedClass) {
    return `the class is "${parsed.data.class}", the file's name says "${expectedClass}"`;
  }
  return createExample(parsed.data, 'dataset');
}
