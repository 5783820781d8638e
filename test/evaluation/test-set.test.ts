import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadTestSet, turnOf } from '../../src/evaluation/test-set.ts';
import { DatasetError } from '../../src/examples/dataset.ts';
import { readConversation } from '../../src/routing/conversation/read-conversation.ts';

let directory: string;
let files = 0;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'test-set-'));
});
afterAll(() => rm(directory, { recursive: true }));

async function write(lines: readonly unknown[]): Promise<string> {
  files += 1;
  const path = join(directory, `set-${files}.jsonl`);
  const text = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line)));
  await writeFile(path, text.join('\n'));
  return path;
}

async function problemsOf(lines: readonly unknown[]) {
  const path = await write(lines);
  try {
    loadTestSet(path);
  } catch (thrown) {
    if (thrown instanceof DatasetError) return thrown;
  }
  throw new Error('no DatasetError was thrown');
}

describe('loadTestSet', () => {
  it('reads a text as one user message', async () => {
    const path = await write([{ text: 'hi\u2028there', class: 'chat', scenario: 7 }]);
    expect(loadTestSet(path)).toEqual([
      {
        id: `${path}:1`,
        messages: [{ role: 'user', content: 'hi\u2028there' }],
        text: 'hi\u2028there',
        className: 'chat',
        accepted: new Set(['chat']),
      },
    ]);
  });

  it('keeps the paraphrases of a text', async () => {
    const path = await write([{ text: 'sum it up', paraphrases: ['tl;dr'], class: 'chat' }]);
    expect(loadTestSet(path)).toMatchObject([{ paraphrases: ['tl;dr'] }]);
  });

  it('accepts the class itself beside every class listed as right', async () => {
    const path = await write([{ text: 'a', class: 'chat', classes: ['math', 'coding'] }]);
    const [item] = loadTestSet(path);
    expect(item?.className).toBe('chat');
    expect(item?.accepted).toEqual(new Set(['chat', 'math', 'coding']));
  });

  it('keeps a conversation as it is', async () => {
    const messages = [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'hi' },
      { role: 'assistant', content: '' },
      { role: 'user', content: '2 + 2?' },
    ];
    const path = await write([{ messages, class: 'math' }]);
    expect(loadTestSet(path)).toEqual([
      { id: `${path}:1`, messages, className: 'math', accepted: new Set(['math']) },
    ]);
  });

  it('makes one item of every turn, with what was said before it', async () => {
    const path = await write([
      {
        turns: [
          { user: 'one', assistant: 'uno', class: 'a' },
          { user: 'two', assistant: 'dos', class: 'b', classes: ['c'] },
          { user: 'three', class: 'b' },
          { user: 'four', class: 'a' },
        ],
      },
    ]);
    const items = loadTestSet(path);
    expect(items.map(({ id }) => id)).toEqual([1, 2, 3, 4].map((turn) => `${path}:1:${turn}`));
    expect(items.map(({ className }) => className)).toEqual(['a', 'b', 'b', 'a']);
    expect(items[1]?.accepted).toEqual(new Set(['b', 'c']));
    const said = items.map(({ messages }) => messages.map(({ role, content }) => [role, content]));
    expect(said).toEqual([
      [['user', 'one']],
      [
        ['user', 'one'],
        ['assistant', 'uno'],
        ['user', 'two'],
      ],
      [
        ['user', 'one'],
        ['user', 'two'],
        ['assistant', 'dos'],
        ['user', 'three'],
      ],
      [
        ['user', 'one'],
        ['user', 'two'],
        ['user', 'three'],
        ['user', 'four'],
      ],
    ]);
  });

  it('says of a turn what came before it and whether it goes on with that', async () => {
    const path = await write([
      { text: 'alone', class: 'a' },
      {
        turns: [
          { user: 'one', assistant: 'uno', class: 'a' },
          { user: 'two', class: 'a' },
        ],
      },
    ]);
    const [alone, first, second] = loadTestSet(path);
    expect(alone).not.toHaveProperty('turn');
    expect(first?.turn).toMatchObject({ earlier: [], reply: '', goesOn: false });
    expect(second?.turn).toEqual({
      text: 'two',
      className: 'a',
      accepted: new Set(['a']),
      earlier: ['one'],
      reply: 'uno',
      goesOn: true,
      conversation: `${path}:2`,
    });
    expect(first?.turn?.conversation).toBe(second?.turn?.conversation);
  });

  it('shows the router of a turn the ask, the turns before and the reply that it was labelled with', async () => {
    const turns = [
      { user: 'one', assistant: 'uno', class: 'a' },
      { user: 'two', assistant: 'dos', class: 'a' },
      { user: 'three', class: 'a' },
    ];
    const items = loadTestSet(await write([{ turns }]));
    for (const { messages, turn } of items) {
      const { text: ask, earlier, reply } = turn ?? {};
      expect(readConversation(messages)).toMatchObject({ ask, earlier, reply });
    }
    expect(items).toHaveLength(3);
  });

  it('skips blank lines, carriage returns and a byte-order mark, and still counts lines', async () => {
    const path = await write([
      '\uFEFF{"text":"a","class":"x"}\r',
      '\r',
      '',
      '{"text":"b","class":"y"}',
      '',
    ]);
    const items = loadTestSet(path);
    expect(items.map(({ id }) => id)).toEqual([`${path}:1`, `${path}:4`]);
  });

  it('reads an empty file as no items', async () => {
    expect(loadTestSet(await write([]))).toEqual([]);
  });

  it('reports every bad line with its number and reason', async () => {
    const { problems, message } = await problemsOf([
      { text: 'fine', class: 'a' },
      '{"text": "cut',
      ['a'],
      { prompt: 'a', class: 'a' },
      { text: 'a', messages: [], class: 'a' },
      { text: ' ', class: 'a' },
      { text: 'a' },
      { text: 'a', class: 'a', classes: 'b' },
      { messages: [{ role: 'assistant', content: 'a' }], class: 'a' },
      { messages: [{ role: 'tool', content: 'a' }], class: 'a' },
      { turns: [] },
      { turns: [{ user: 'a', class: 'a' }, 'b'] },
      { turns: ['a', 'b', 'c', 'd', 'e'] },
    ]);
    expect(problems.map(({ line }) => line)).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]);
    const reasons = problems.map(({ message }) => message);
    expect(reasons[0]).toMatch(/^not JSON: /);
    expect(reasons[1]).toBe('not a JSON object');
    expect(reasons[2]).toBe('needs exactly one of "text", "messages" and "turns"');
    expect(reasons[3]).toBe(reasons[2]);
    expect(reasons[4]).toBe('text: is blank');
    expect(reasons[5]).toMatch(/^class: /);
    expect(reasons[6]).toMatch(/^classes: /);
    expect(reasons[7]).toBe('messages: has no user message');
    expect(reasons[8]).toMatch(/^messages\.0\.role: /);
    expect(reasons[9]).toMatch(/^turns: /);
    expect(reasons[10]).toMatch(/^turns\.1: /);
    expect(reasons[11]?.split('; ')).toHaveLength(3);
    expect(message).toContain(`${problems[4]?.file}:6: text: is blank`);
  });

  it('lists the first twenty problems and says how many there are', async () => {
    const { problems, message } = await problemsOf(Array(33).fill('{'));
    const lines = message.split('\n');
    expect(problems).toHaveLength(33);
    expect(lines[0]).toBe("Lines that can't be used: 33");
    expect(lines).toHaveLength(22);
    expect(lines.at(-2)).toContain('.jsonl:20: ');
    expect(lines.at(-1)).toBe('  … and 13 more');
  });

  it('says which file is missing', () => {
    const path = join(directory, 'absent.jsonl');
    expect(() => loadTestSet(path)).toThrow(DatasetError);
    expect(() => loadTestSet(path)).toThrow(path);
  });
});

describe('what a test item is taught as', () => {
  const said = (role: string, content: string) => ({ role, content });

  it('is a turn with what came before it, where its messages say that', async () => {
    const messages = [said('user', 'sort a list'), said('assistant', 'done'), said('user', 'why?')];
    const path = await write([{ messages, class: 'coding', classes: ['knowledge'] }]);
    const [item] = loadTestSet(path);
    expect(item && turnOf(item)).toEqual({
      text: 'why?',
      className: 'coding',
      accepted: new Set(['coding', 'knowledge']),
      earlier: ['sort a list'],
      reply: 'done',
      goesOn: false,
      conversation: `${path}:1`,
    });
  });

  it('is a single text where nothing came before it', async () => {
    const opening = { messages: [said('system', 'Be brief.'), said('user', 'hi')], class: 'chat' };
    const items = loadTestSet(await write([{ text: 'hi', class: 'chat' }, opening]));
    expect(items.map(turnOf)).toEqual([undefined, undefined]);
  });
});
