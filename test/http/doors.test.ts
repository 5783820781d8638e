import { describe, expect, it } from 'vitest';
import { chatDoor } from '../../src/http/chat-door.ts';
import { messagesDoor } from '../../src/http/messages-door.ts';
import { responsesDoor } from '../../src/http/responses-door.ts';
import { readConversation } from '../../src/routing/conversation/read-conversation.ts';

describe('the door of chat completions', () => {
  const withPart = (part: object) => ({ messages: [{ role: 'user', content: [part] }] });
  const url = 'data:image/png;base64,AAAA';

  it.each([
    ['as OpenAI writes it', { url }],
    ['as Mistral may write it', url],
  ])('sees an image %s', (_how, image_url) => {
    const body = chatDoor.schema.parse(withPart({ type: 'image_url', image_url }));
    expect(chatDoor.read(body).needs).toEqual(['vision']);
  });

  it.each(['nowhere', { url: 'nowhere' }, {}])('refuses an image at %j', (image_url) => {
    const body = withPart({ type: 'image_url', image_url });
    expect(chatDoor.schema.safeParse(body).success).toBe(false);
  });

  it('takes what Mistral’s models thought, and knows a block of Anthropic’s by its text', () => {
    const thoughts = [{ type: 'text', text: 'hm' }];
    const mistral = withPart({ type: 'thinking', thinking: thoughts });
    expect(chatDoor.schema.safeParse(mistral).success).toBe(true);
    const anthropic = withPart({ type: 'thinking', thinking: 'hm', signature: 's' });
    expect(chatDoor.schema.safeParse(anthropic).error?.message).toContain('/v1/messages');
  });
});

describe('the door of Messages', () => {
  it.each([
    [0, true],
    [1, true],
    [-1, false],
    [0.5, false],
  ])('with a limit of %d: %s', (max_tokens, isTaken) => {
    const body = { max_tokens, messages: [{ role: 'user', content: 'hi' }] };
    expect(messagesDoor.schema.safeParse(body).success).toBe(isTaken);
  });
});

describe('the door of Responses', () => {
  it.each<[string, object]>([
    ['previous_response_id', { input: 'hi', previous_response_id: 'resp_unkept_1' }],
    ['input.1.id', { input: [{ role: 'user' }, { type: 'item_reference', id: 'msg_unkept_1' }] }],
    ['input.0.id', { input: [{ id: 'fc_unkept_1_0' }] }],
  ])('says how to go on after an answer that nobody keeps: %s', (path, body) => {
    const [issue] = responsesDoor.schema.safeParse(body).error?.issues ?? [];
    expect(issue?.path.join('.')).toBe(path);
    expect(issue?.message).toContain('with `store: false`');
  });

  it('takes references that a provider may know, and unkept items in full', () => {
    const item = { id: 'msg_unkept_1', role: 'assistant', content: 'a' };
    const input = [{ type: 'item_reference', id: 'msg_1' }, { id: 'msg_2' }, item];
    const body = { input, previous_response_id: 'resp_1' };
    expect(responsesDoor.schema.safeParse(body).success).toBe(true);
  });

  const image = { type: 'input_image', image_url: 'data:image/png;base64,AAAA' };
  const result = { type: 'function_call_output', call_id: 'c' };

  it.each<[string, object, string[]]>([
    ['a message', { role: 'user', content: [image] }, ['vision']],
    ['what a function gave', { ...result, output: [image] }, ['vision']],
    [
      'a screenshot',
      { type: 'computer_call_output', output: { type: 'computer_screenshot' } },
      ['vision'],
    ],
    ['a text that a function gave', { ...result, output: 'input_image' }, []],
  ])('looks for images in %s', (_what, item, needs) => {
    const body = responsesDoor.schema.parse({ input: [item] });
    expect(responsesDoor.read(body).needs).toEqual(needs);
  });

  const asked = { role: 'user', content: [{ type: 'input_text', text: 'run the tests' }] };

  it.each<[string, object[], object]>([
    ['calls', [{ type: 'function_call', call_id: 'c' }, result], { isUnderWay: true }],
    ['thoughts', [{ type: 'reasoning', summary: [] }], { isUnderWay: true }],
    ['notes', [{ role: 'developer', content: 'Be brief.' }], { isUnderWay: false }],
  ])('knows by %s whether the model is at work on what was asked', (_what, items, expected) => {
    const body = responsesDoor.schema.parse({ input: [asked, ...items] });
    const read = readConversation(responsesDoor.read(body).messages);
    expect(read).toMatchObject({ ask: 'run the tests', ...expected });
  });

  it('takes an image without a word for a turn of the human', () => {
    const shown = { role: 'user', content: [image] };
    const body = responsesDoor.schema.parse({ input: [asked, shown] });
    const { humanTurns } = readConversation(responsesDoor.read(body).messages);
    expect(humanTurns).toEqual(['run the tests', '']);
  });
});
