import { writeFileSync } from 'node:fs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { RouterError } from '../../src/errors.ts';
import { exampleId } from '../../src/examples/example.ts';
import { createExampleStore, type ExampleStore } from '../../src/examples/example-store.ts';
import { openJournal, readJournal } from '../../src/examples/journal.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { makeTempDirectory, writeFileIn } from '../support/temp-directory.ts';
import { writeDataset, writeJournal } from './example-files.ts';

const dataset = { chat: ['Hello', 'How are you?'], coding: ['Sort a list'] };

function openStore({
  directory = writeDataset(dataset),
  journalPath = writeJournal(),
  classNames = ['chat', 'coding'],
  conversations,
}: {
  directory?: string;
  conversations?: string;
  journalPath?: string;
  classNames?: string[];
} = {}) {
  const journal = openJournal(journalPath);
  onTestFinished(() => journal.close());
  const store = createExampleStore({
    directory,
    conversations,
    journal,
    classNames: new Set(classNames),
    maxCharacters: 40,
    clock: createFakeClock(Date.UTC(2026, 0, 2)),
  });
  return { store, directory, journalPath };
}

function addTo(store: ExampleStore, text: string, className: string) {
  const example = store.check({ text, className });
  store.add(example);
  return example;
}

const texts = (store: ExampleStore) => store.list().map(({ text }) => text);

describe('the examples in force', () => {
  it('are the datasets when the journal is empty', () => {
    const { store } = openStore();
    expect(texts(store)).toEqual(['Hello', 'How are you?', 'Sort a list']);
    expect(store.list('coding').map(({ text }) => text)).toEqual(['Sort a list']);
    expect(store.list('math')).toEqual([]);
  });

  it('are found by text in any case and spacing', () => {
    const { store } = openStore();
    expect(store.findByText('  HOW are\tyou? ')?.text).toBe('How are you?');
    expect(store.findByText('How are they?')).toBeUndefined();
  });

  it('keep what was added, with its time, when they are opened again', () => {
    const { store, ...files } = openStore();
    const hash = store.hash();
    const example = addTo(store, 'Write a test', 'coding');
    expect(example).toMatchObject({ origin: 'journal', className: 'coding' });
    expect(store.hash()).not.toBe(hash);
    const again = openStore(files).store;
    expect(again.list()).toEqual(store.list());
    expect(again.hash()).toBe(store.hash());
    expect(readJournal(files.journalPath).entries).toEqual([
      { op: 'add', text: 'Write a test', class: 'coding', at: '2026-01-02T00:00:00.000Z' },
    ]);
  });

  it('lack what was removed, from whichever source, when they are opened again', () => {
    const { store, ...files } = openStore();
    const hash = store.hash();
    const example = addTo(store, 'Write a test', 'coding');
    expect(store.remove(example.id)).toEqual(example);
    expect(store.hash()).toBe(hash);
    store.remove(exampleId('Hello', 'chat'));
    const again = openStore(files).store;
    for (const each of [store, again]) expect(texts(each)).toEqual(['How are you?', 'Sort a list']);
    expect(again.findByText('hello')).toBeUndefined();
  });

  it('take back in what was removed before, under another class too', () => {
    const { store, ...files } = openStore();
    store.remove(exampleId('Hello', 'chat'));
    addTo(store, 'Hello', 'coding');
    const again = openStore(files).store;
    expect(again.findByText('hello')).toMatchObject({ className: 'coding', origin: 'journal' });
    expect(again.list()).toHaveLength(3);
  });

  it('count an addition once that was since reviewed into the datasets', () => {
    const { store, directory, journalPath } = openStore();
    addTo(store, 'Write a test', 'coding');
    writeDataset({ coding: ['Sort a list', 'Write a  TEST'] }, directory);
    const again = openStore({ directory, journalPath }).store;
    expect(again.list()).toHaveLength(4);
    expect(again.findByText('write a test')).toMatchObject({ origin: 'dataset' });
  });

  it('follow the datasets where they contradict an addition', () => {
    const { store, directory, journalPath } = openStore();
    addTo(store, 'Write a test', 'coding');
    writeDataset({ chat: ['Write a test'] }, directory);
    const again = openStore({ directory, journalPath }).store;
    expect(again.findByText('Write a test')).toMatchObject({ className: 'chat' });
  });

  it('leave out additions to a class that is no more', () => {
    const { store, directory, journalPath } = openStore({ classNames: ['chat', 'coding', 'math'] });
    addTo(store, '1 + 1', 'math');
    expect(openStore({ directory, journalPath }).store.findByText('1 + 1')).toBeUndefined();
  });
});

describe('a new example', () => {
  it.each([
    ['duplicate', { text: ' HELLO ', className: 'chat' }, 'conflict', 'text'],
    ['contradiction', { text: 'Hello', className: 'coding' }, 'conflict', 'text'],
    ['unknown class', { text: 'New', className: 'codin' }, 'invalid_request', 'class'],
    ['empty text', { text: ' \n ', className: 'chat' }, 'invalid_request', 'text'],
    ['long text', { text: 'x'.repeat(41), className: 'chat' }, 'invalid_request', 'text'],
  ])('is refused for a %s', (_fault, candidate, code, param) => {
    const { store } = openStore();
    expect(() => store.check(candidate)).toThrow(RouterError);
    expect(() => store.check(candidate)).toThrow(expect.objectContaining({ code, param }));
    expect(store.list()).toHaveLength(3);
  });

  it('may be as long as is allowed', () => {
    const { store } = openStore();
    expect(addTo(store, 'x'.repeat(40), 'chat').text).toHaveLength(40);
  });

  it('is told which one it repeats and which class was meant', () => {
    const { store } = openStore();
    expect(() => store.check({ text: 'Hello', className: 'coding' })).toThrow(
      `The example can't be added: example ${exampleId('Hello', 'chat')} has the same text under the class "chat".`,
    );
    expect(() => store.check({ text: 'x', className: 'codin' })).toThrow('did you mean "coding"?');
  });

  it('is not kept by being checked', () => {
    const { store, journalPath } = openStore();
    store.check({ text: 'New', className: 'chat' });
    expect(store.findByText('New')).toBeUndefined();
    expect(readJournal(journalPath).entries).toEqual([]);
  });
});

describe('removing', () => {
  it('refuses an id that nothing has, and writes nothing', () => {
    const { store, journalPath } = openStore();
    expect(() => store.remove('0123456789ab')).toThrow(
      expect.objectContaining({ code: 'not_found' }),
    );
    expect(readJournal(journalPath).entries).toEqual([]);
  });
});

describe('reading the datasets again', () => {
  it('takes the new lines and keeps additions and removals', () => {
    const { store, directory } = openStore();
    addTo(store, 'Write a test', 'coding');
    store.remove(exampleId('Hello', 'chat'));
    writeDataset({ chat: ['Hello', 'Good morning'] }, directory);
    store.reload();
    expect(texts(store)).toEqual(['Good morning', 'Sort a list', 'Write a test']);
  });

  it('changes nothing when one of them is broken', () => {
    const { store, directory } = openStore();
    const before = { list: store.list(), hash: store.hash() };
    writeFileIn(directory, 'coding.jsonl', 'broken\n');
    expect(() => store.reload()).toThrow('coding.jsonl:1: not JSON');
    expect({ list: store.list(), hash: store.hash() }).toEqual(before);
  });
});

describe('labelled conversations', () => {
  const sorting = { user: 'sort it', assistant: 'Sorted.', class: 'coding' };
  const following = { user: 'shorter', class: 'coding' };
  const greeting = { user: 'hello', class: 'chat' };
  const toLines = (...conversations: object[][]) =>
    conversations.map((turns) => `${JSON.stringify({ turns })}\n`).join('');
  const write = (content: string, directory = makeTempDirectory()) =>
    writeFileIn(directory, 'conversations.jsonl', content);

  it('are there, turn by turn, where there is a file of them', () => {
    expect(openStore().store.conversations()).toEqual([]);
    const conversations = write(toLines([sorting, following], [greeting]));
    const { store } = openStore({ conversations });
    expect(store.conversations().map(({ text }) => text)).toEqual(['sort it', 'shorter', 'hello']);
    expect(texts(store)).toEqual(['Hello', 'How are you?', 'Sort a list']);
  });

  it('teach only what goes on where they are of classes that nobody has configured', () => {
    const baking = { user: 'bake a loaf', assistant: 'Baked.', class: 'cooking' };
    const conversations = write(
      toLines([sorting], [baking, { user: 'crisper', class: 'cooking' }]),
    );
    const { store } = openStore({ conversations });
    expect(store.conversations().map(({ text }) => text)).toEqual(['sort it']);
    expect(store.followUps().map(({ text }) => text)).toEqual(['bake a loaf', 'crisper']);
  });

  it('are part of the hash, with all that is learnt from them and in any order', () => {
    const hashOf = (...conversations: object[][]) =>
      openStore({ conversations: write(toLines(...conversations)) }).store.hash();
    const hash = hashOf([sorting, following], [greeting]);
    expect(hashOf([greeting], [sorting, following])).toBe(hash);
    const changed = [
      openStore().store.hash(),
      hashOf([sorting, following]),
      hashOf([sorting, { ...following, user: 'longer' }], [greeting]),
      hashOf([sorting, { ...following, class: 'chat' }], [greeting]),
      hashOf([{ ...sorting, assistant: 'Done.' }, following], [greeting]),
      hashOf([{ ...sorting, user: 'sort that' }, following], [greeting]),
      hashOf([sorting], [following], [greeting]),
    ];
    expect(new Set([hash, ...changed]).size).toBe(1 + changed.length);
    expect(hashOf()).toBe(openStore().store.hash());
  });

  it('are refused as a whole, with the line that is broken', () => {
    const conversations = write(`${toLines([greeting])}broken\n`);
    expect(() => openStore({ conversations })).toThrow('conversations.jsonl:2: not JSON');
  });

  it('are read again together with the datasets', () => {
    const conversations = write(toLines([greeting]));
    const { store, directory } = openStore({ conversations });
    const hash = store.hash();
    writeFileSync(conversations, toLines([greeting], [sorting, following]));
    writeDataset({ chat: ['Good morning'] }, directory);
    expect(store.hash()).toBe(hash);
    store.reload();
    expect(store.conversations()).toHaveLength(3);
    expect(texts(store)).toEqual(['Good morning', 'Sort a list']);
    expect(store.hash()).not.toBe(hash);
  });

  it('stay, and so do the examples, when either of them is broken', () => {
    const conversations = write(toLines([greeting]));
    const { store, directory } = openStore({ conversations });
    const inForce = () => ({
      list: store.list(),
      turns: store.conversations(),
      hash: store.hash(),
    });
    const before = inForce();
    writeFileSync(conversations, 'broken\n');
    writeDataset({ chat: ['Good morning'] }, directory);
    expect(() => store.reload()).toThrow('conversations.jsonl:1: not JSON');
    expect(inForce()).toEqual(before);

    writeFileSync(conversations, toLines([sorting, following]));
    writeFileIn(directory, 'coding.jsonl', 'broken\n');
    expect(() => store.reload()).toThrow('coding.jsonl:1: not JSON');
    expect(inForce()).toEqual(before);
  });
});
