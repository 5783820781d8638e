import { describe, expect, it } from 'vitest';
import {
  type ChatMessage,
  readConversation,
} from '../../../src/routing/conversation/read-conversation.ts';

const user = (content: ChatMessage['content']): ChatMessage => ({ role: 'user', content });
const model = (content: ChatMessage['content']): ChatMessage => ({ role: 'assistant', content });
const result = (text: string): ChatMessage =>
  user([{ type: 'tool_result', content: text } as { type: string }]);

describe('what the person wants', () => {
  it('is the last thing that they said', () => {
    const { ask } = readConversation([
      { role: 'system', content: 'Be brief.' },
      user('first'),
      model('reply'),
      user(' second\n'),
    ]);
    expect(ask).toBe('second');
  });

  it('is the text of a message in parts, whatever else is in it', () => {
    const parts = [
      { type: 'text', text: 'What is' },
      { type: 'image_url', image_url: { url: 'data:' } },
      { type: 'text', text: 'in this picture?' },
      { type: 'refusal', text: 'not this' },
      { type: 'text' },
    ];
    expect(readConversation([user(parts)]).ask).toBe('What is\nin this picture?');
  });

  it.each<[string, ChatMessage[]]>([
    ['no messages', []],
    ['no human message', [{ role: 'system', content: 'Be brief.' }]],
    ['an empty text', [user('  \t ')]],
    ['no content', [user(null)]],
    ['content left out', [{ role: 'user' }]],
    ['no parts', [user([])]],
    ['an image only', [user([{ type: 'image_url' }])]],
    ['an image after a text of before', [user('Draw'), user([{ type: 'image_url' }])]],
    ['notes of an agent only', [user('<system-reminder>Use the tools.</system-reminder>')]],
  ])('is unknown from %s', (_case, messages) => {
    expect(readConversation(messages).ask).toBeUndefined();
  });
});

describe('an agent at work', () => {
  const started = [user('fix the failing test'), model('I look.')];

  it('still works on what the human asked, whatever its tools say', () => {
    const inChat = [...started, { role: 'tool', content: 'exit code 1' }];
    const inMessages = [...started, result('exit code 1'), model('Again.'), result('ok')];
    for (const messages of [inChat, inMessages]) {
      expect(readConversation(messages)).toMatchObject({
        ask: 'fix the failing test',
        isUnderWay: true,
        humanTurns: ['fix the failing test'],
      });
    }
  });

  it('takes notes that come with a result for no word of the human', () => {
    const note = { type: 'text', text: '<system-reminder>The list is empty.</system-reminder>' };
    const messages = [...started, user([{ type: 'tool_result' }, note])];
    expect(readConversation(messages).ask).toBe('fix the failing test');
  });

  it('has not begun where only notes come after what the human asked', () => {
    const note = { role: 'system', content: 'Mind the style.' };
    const reminder = user('<system-reminder>Mind the style.</system-reminder>');
    for (const after of [note, reminder]) {
      const read = readConversation([...started, user('and the next'), after]);
      expect(read).toMatchObject({ ask: 'and the next', isUnderWay: false });
    }
  });

  it('hears what the human adds to a result', () => {
    const parts = [{ type: 'tool_result' }, { type: 'text', text: 'stop, write a poem instead' }];
    const read = readConversation([...started, user(parts)]);
    expect(read).toMatchObject({ ask: 'stop, write a poem instead', isUnderWay: false });
  });
});

describe('what came before', () => {
  it('is the human turns, oldest first, and what the model said last', () => {
    const read = readConversation([
      user('one'),
      model('first answer'),
      user('two'),
      model('second answer'),
      model([{ type: 'text', text: 'and its end' }]),
      user('three'),
    ]);
    expect(read).toEqual({
      ask: 'three',
      earlier: ['one', 'two'],
      reply: 'and its end',
      isUnderWay: false,
      humanTurns: ['one', 'two', 'three'],
    });
  });

  it('is as much as still matters', () => {
    const turns = Array.from({ length: 30 }, (_, index) => user(`turn ${index}`));
    const { earlier, humanTurns } = readConversation(turns);
    expect(earlier).toHaveLength(8);
    expect(earlier.at(-1)).toBe('turn 28');
    expect(humanTurns).toHaveLength(30);
  });

  it('is what the model said last, whatever an agent notes after it', () => {
    const notes = user('<environment_context>cwd: /</environment_context>');
    const { reply } = readConversation([user('one'), model('an answer'), notes, user('two')]);
    expect(reply).toBe('an answer');
  });

  it('holds neither instructions of an agent nor images without a word', () => {
    const read = readConversation([
      user('<environment_context>cwd: /</environment_context>'),
      user([{ type: 'image_url' }]),
      model(null),
      user('what is it?'),
    ]);
    expect(read).toMatchObject({ earlier: [], reply: '', humanTurns: ['', 'what is it?'] });
  });
});
