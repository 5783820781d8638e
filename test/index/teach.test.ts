import { describe, expect, it } from 'vitest';
import { toContextVector } from '../../src/classifier/context-vector.ts';
import { goesOn } from '../../src/classifier/goes-on.ts';
import { type ConversationTurn, toTurns } from '../../src/examples/conversations.ts';
import { embedViews, type TrainingInput } from '../../src/index/embed-views.ts';
import { type Teachable, teach } from '../../src/index/teach.ts';
import { makeTempDirectory } from '../support/temp-directory.ts';
import { openParts } from './open-parts.ts';

const examples = [
  { text: 'sort a list', className: 'coding' },
  { text: 'fix my loop', className: 'coding' },
  { text: 'hello there', className: 'chat' },
  { text: 'good morning', className: 'chat' },
  { text: 'how are you', className: 'chat' },
];

/** Turns of `[class, text]`, each answered. */
function converse(name: string, ...turns: readonly [string, string][]): ConversationTurn[] {
  const labelled = turns.map(([className, user]) => ({
    class: className,
    user,
    assistant: `${user}: done`,
  }));
  return toTurns({ turns: labelled }, name);
}

const first = converse('1', ['coding', 'sort it'], ['coding', 'shorter'], ['chat', 'bye']);
const second = converse('2', ['chat', 'hi'], ['chat', 'shorter'], ['coding', 'parse json']);

function learn(teachable: Teachable) {
  const parts = openParts({ directory: makeTempDirectory(), library: undefined });
  return { parts, taught: teach(teachable, parts) };
}

const labels = (inputs: readonly TrainingInput[]) =>
  inputs.map(({ text, className }) => [text, className]);
const names = [
  ['chat', 'chat'],
  ['coding', 'coding'],
];

describe('teaching fewer turns than examples', () => {
  it('teaches them one by one, and those that go on as just that', async () => {
    const { inputs, lessons } = await learn({ examples, conversations: first }).taught;
    expect(labels(inputs)).toEqual(examples.map(({ text, className }) => [text, className]));
    expect(labels(lessons)).toEqual([
      ...names,
      ['shorter', goesOn],
      ['sort it', 'coding'],
      ['bye', 'chat'],
    ]);
    for (const input of [...inputs, ...lessons]) {
      expect(input).not.toHaveProperty('before');
      expect(input).not.toHaveProperty('conversation');
    }
  });

  it('teaches of other classes only what goes on', async () => {
    const foreign = converse('3', ['math', 'add them'], ['math', 'and now 3?'], ['chat', 'bye']);
    const { lessons } = await learn({ examples, conversations: foreign }).taught;
    expect(labels(lessons)).toEqual([...names, ['and now 3?', goesOn], ['bye', 'chat']]);
  });

  it('teaches of others’ conversations only what goes on, even of the same classes', async () => {
    const { lessons } = await learn({ examples, conversations: [], followUps: first }).taught;
    expect(labels(lessons)).toEqual([...names, ['shorter', goesOn]]);
  });

  it('teaches examples and the names of their classes where there is nothing else', async () => {
    const { inputs, lessons } = await learn({ examples, conversations: [] }).taught;
    expect(inputs).toHaveLength(5);
    expect(labels(lessons)).toEqual(names);
    const nothing = await learn({ examples: [], conversations: [] }).taught;
    expect(nothing).toEqual({ inputs: [], lessons: [] });
  });
});

describe('teaching at least as many turns as examples', () => {
  const conversations = [...first, ...second];

  it('teaches every turn with what came before it, to be judged on', async () => {
    const { parts, taught } = learn({ examples, conversations });
    const { inputs, lessons } = await taught;
    expect(labels(inputs)).toEqual(
      [...examples, ...conversations].map(({ text, className }) => [text, className]),
    );
    expect(labels(lessons)).toEqual(names);
    expect(labels(inputs).flat()).not.toContain(goesOn);

    const turns = inputs.slice(examples.length);
    expect(turns.map(({ conversation }) => conversation)).toEqual(['1', '1', '1', '2', '2', '2']);
    expect(turns.map(({ before }) => before?.reply)).toEqual([
      undefined,
      'sort it: done',
      'shorter: done',
      undefined,
      'hi: done',
      'shorter: done',
    ]);
    const [sortIt = [], shorter = []] = await embedViews(['sort it', 'shorter'], parts);
    expect(turns[1]?.before?.context).toEqual(toContextVector([sortIt], 'features'));
    expect(turns[2]?.before?.context).toEqual(toContextVector([sortIt, shorter], 'features'));
    expect(inputs.slice(0, examples.length).every(({ before }) => before === undefined)).toBe(true);
  });

  it('embeds each text once', async () => {
    const { parts, taught } = learn({ examples, conversations });
    await taught;
    const embedded = parts.embedder.calls.flat();
    expect(new Set(embedded).size).toBe(embedded.length);
    expect(embedded).toContain('shorter');
  });

  it('begins at as many', async () => {
    const isLearnt = async (count: number) => {
      const { inputs } = await learn({ examples, conversations: conversations.slice(0, count) })
        .taught;
      return inputs.some(({ before }) => before !== undefined);
    };
    expect(await isLearnt(4)).toBe(false);
    expect(await isLearnt(5)).toBe(true);
  });

  it('is not brought about by the conversations of others', async () => {
    const followUps = conversations;
    const { inputs } = await learn({ examples, conversations: [], followUps }).taught;
    expect(inputs).toHaveLength(examples.length);
  });
});
