import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readConversations } from '../../src/examples/conversations.ts';
import { DatasetError } from '../../src/examples/dataset.ts';
import { makeTempDirectory, writeFileIn } from '../support/temp-directory.ts';

function write(...lines: readonly (object | string)[]): string {
  const content = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line)));
  return writeFileIn(makeTempDirectory(), 'conversations.jsonl', content.join('\n'));
}

function problemsOf(path: string) {
  try {
    readConversations(path);
  } catch (error) {
    if (error instanceof DatasetError) return error.problems;
    throw error;
  }
  throw new Error('Nothing is wrong with it.');
}

describe('a file of labelled conversations', () => {
  it('has every human turn, with what came before it', () => {
    const path = write({
      turns: [
        { user: 'sort it', assistant: 'Sorted.', class: 'coding' },
        { user: 'shorter', assistant: '', class: 'coding', classes: ['rewriting'] },
        { user: 'now a poem', class: 'poetry' },
        { user: 'and a sad one', class: 'poetry' },
      ],
    });
    const conversation = `${path}:1`;
    expect(readConversations(path)).toEqual([
      {
        text: 'sort it',
        className: 'coding',
        accepted: new Set(['coding']),
        earlier: [],
        reply: '',
        goesOn: false,
        conversation,
      },
      {
        text: 'shorter',
        className: 'coding',
        accepted: new Set(['coding', 'rewriting']),
        earlier: ['sort it'],
        reply: 'Sorted.',
        goesOn: true,
        conversation,
      },
      {
        text: 'now a poem',
        className: 'poetry',
        accepted: new Set(['poetry']),
        earlier: ['sort it', 'shorter'],
        reply: '',
        goesOn: false,
        conversation,
      },
      {
        text: 'and a sad one',
        className: 'poetry',
        accepted: new Set(['poetry']),
        earlier: ['sort it', 'shorter', 'now a poem'],
        reply: '',
        goesOn: true,
        conversation,
      },
    ]);
  });

  it('goes on by the class of the turn, not by what else may be called right', () => {
    const turns = readConversations(
      write({
        turns: [
          { user: 'sort it', class: 'coding', classes: ['poetry'] },
          { user: 'now a poem', class: 'poetry', classes: ['coding'] },
        ],
      }),
    );
    expect(turns.map(({ goesOn }) => goesOn)).toEqual([false, false]);
  });

  it('keeps conversations apart, by their lines', () => {
    const hello = { turns: [{ user: 'hello', class: 'chat' }] };
    const path = write(hello, '', ' \r', hello);
    const turns = readConversations(path);
    expect(turns.map(({ conversation }) => conversation)).toEqual([`${path}:1`, `${path}:4`]);
    expect(turns.every(({ goesOn, earlier }) => !goesOn && earlier.length === 0)).toBe(true);
  });

  it('may be empty', () => {
    expect(readConversations(write())).toEqual([]);
  });

  it('is refused with all of its bad lines at once', () => {
    const path = write(
      { turns: [{ user: 'fine', class: 'chat' }] },
      '{"turns": [',
      { turns: [] },
      { turns: [{ user: ' ', class: 'chat' }] },
      { turns: [{ user: 'a', class: 'chat' }, { user: 'b' }] },
      { turns: [{ user: 'a', class: 'chat', classes: 'math' }] },
      { text: 'a', class: 'chat' },
      '[]',
    );
    const problems = problemsOf(path);
    expect(problems.map(({ file, line }) => [file, line])).toEqual(
      [2, 3, 4, 5, 6, 7, 8].map((line) => [path, line]),
    );
    const reasons = problems.map(({ message }) => message);
    expect(reasons[0]).toMatch(/^not JSON: /);
    expect(reasons[1]).toMatch(/^turns: /);
    expect(reasons[2]).toBe('turns.0.user: is blank');
    expect(reasons[3]).toMatch(/^turns\.1\.class: /);
    expect(reasons[4]).toMatch(/^turns\.0\.classes: /);
    expect(reasons[5]).toMatch(/^turns: /);
  });

  it('says when it is not there', () => {
    const path = join(makeTempDirectory(), 'absent.jsonl');
    const [problem] = problemsOf(path);
    expect(problem).toMatchObject({ file: path, line: 0 });
    expect(problem?.message).toContain('ENOENT');
  });
});
