import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DatasetError, readDataset } from '../../src/examples/dataset.ts';
import { makeTempDirectory, writeFileIn } from '../support/temp-directory.ts';
import { writeDataset } from './example-files.ts';

const limits = { classNames: new Set(['chat', 'coding']), maxCharacters: 40 };

function thrownBy(directory: string): DatasetError {
  try {
    readDataset(directory, limits);
  } catch (error) {
    if (error instanceof DatasetError) return error;
    throw error;
  }
  throw new Error('The dataset loads.');
}

describe('reading a dataset', () => {
  it('takes every line of every class in the order of the files', () => {
    const directory = writeDataset({ coding: ['Sort a list'], chat: ['Hello', 'How are you?'] });
    writeFileIn(directory, 'README.md', '# not examples');
    expect(readDataset(directory, limits)).toMatchObject([
      { text: 'Hello', className: 'chat', origin: 'dataset' },
      { text: 'How are you?', className: 'chat' },
      { text: 'Sort a list', className: 'coding' },
    ]);
  });

  it('passes over empty lines and takes either line ending', () => {
    const directory = makeTempDirectory();
    const content = '\n{"text":"a","class":"chat"}\r\n  \r\n{"text":"b","class":"chat"}';
    writeFileIn(directory, 'chat.jsonl', content);
    expect(readDataset(directory, limits).map(({ text }) => text)).toEqual(['a', 'b']);
  });

  it('reports every bad line of every file with its number and the reason', () => {
    const directory = makeTempDirectory();
    const chat = writeFileIn(
      directory,
      'chat.jsonl',
      [
        '{"text": "fine", "class": "chat"}',
        '{"text": "cut sh',
        '["text", "class"]',
        '{"text": "extra", "class": "chat", "label": 1}',
        '{"text": 7, "class": "chat"}',
        '{"text": "misplaced", "class": "coding"}',
        '',
        '{"text": " \\t ", "class": "chat"}',
        JSON.stringify({ text: 'x'.repeat(41), class: 'chat' }),
        '{"text": " FINE ", "class": "chat"}',
      ].join('\n'),
    );
    const codin = writeFileIn(directory, 'codin.jsonl', '{"text": "sort", "class": "codin"}\n');
    const coding = writeFileIn(directory, 'coding.jsonl', '{"text": "fine", "class": "coding"}\n');

    const { problems, message } = thrownBy(directory);
    expect(problems).toEqual([
      { file: chat, line: 2, message: expect.stringContaining('not JSON') },
      { file: chat, line: 3, message: expect.stringContaining('expected object') },
      { file: chat, line: 4, message: expect.stringContaining('"label"') },
      { file: chat, line: 5, message: expect.stringMatching(/^text: .*expected string/) },
      {
        file: chat,
        line: 6,
        message: 'the class is "coding", the file\'s name says "chat"',
      },
      { file: chat, line: 8, message: 'the text is empty' },
      { file: chat, line: 9, message: 'the text has 41 characters, 40 are allowed' },
      {
        file: chat,
        line: 10,
        message: expect.stringMatching(/^example \w{12} has the same text \(\S+chat\.jsonl:\d+\)$/),
      },
      { file: codin, line: 1, message: 'there is no class "codin" (did you mean "coding"?)' },
      {
        file: coding,
        line: 1,
        message: expect.stringMatching(
          /has the same text under the class "chat" \(\S+chat\.jsonl:\d+\)$/,
        ),
      },
    ]);
    for (const { file, line } of problems) expect(message).toContain(`  ${file}:${line}: `);
  });

  it('shows the first of very many and counts the others', () => {
    const directory = makeTempDirectory();
    writeFileIn(directory, 'chat.jsonl', 'bad\n'.repeat(120));
    const { problems, message } = thrownBy(directory);
    expect(problems).toHaveLength(120);
    const shown = message.match(/chat\.jsonl:\d+: /g) ?? [];
    expect(shown.length).toBeGreaterThan(0);
    expect(message).toContain(`… and ${120 - shown.length} more`);
  });

  it('does not mind the mark that some editors begin a file with', () => {
    const directory = makeTempDirectory();
    writeFileIn(directory, 'chat.jsonl', '\uFEFF{"text": "hi", "class": "chat"}\r\n');
    expect(readDataset(directory, limits).map(({ text }) => text)).toEqual(['hi']);
  });

  it('refuses what is not UTF-8, with the line, beside all other problems', () => {
    const directory = makeTempDirectory();
    const bytes = Buffer.from(
      '{"text": "hi", "class": "chat"}\n{"text": "Stück", "class": "chat"}\n',
      'latin1',
    );
    const chat = join(directory, 'chat.jsonl');
    writeFileSync(chat, bytes);
    mkdirSync(join(directory, 'coding.jsonl'));
    expect(thrownBy(directory).problems).toEqual([
      { file: chat, line: 2, message: expect.stringContaining('not UTF-8') },
      {
        file: join(directory, 'coding.jsonl'),
        line: 0,
        message: expect.stringContaining('EISDIR'),
      },
    ]);
  });

  it('says which directory can not be read', () => {
    const directory = join(makeTempDirectory(), 'missing');
    expect(thrownBy(directory).problems).toEqual([
      { file: directory, line: 0, message: expect.stringContaining('ENOENT') },
    ]);
  });
});
