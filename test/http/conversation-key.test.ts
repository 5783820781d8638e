import { describe, expect, it } from 'vitest';
import { conversationKeys, responseKey } from '../../src/http/conversation-key.ts';
import type { JsonObject } from '../../src/json.ts';
import { readConversation } from '../../src/routing/conversation/read-conversation.ts';

const user = (content: string) => ({ role: 'user', content });
const model = (content: string) => ({ role: 'assistant', content });
const first = [user('write a quicksort')];
const second = [...first, model('def …'), user('and in Java?')];

function keys(
  messages: readonly { role: string; content: string }[],
  { named, body = {}, client = '' }: { named?: string; body?: JsonObject; client?: string } = {},
) {
  return conversationKeys({ named, body, conversation: readConversation(messages), client });
}

describe('a conversation is known again', () => {
  it('by the human turns that its next request begins with', () => {
    expect(keys(first).before).toBeUndefined();
    expect(keys(second).before).toBe(keys(first).now);
    expect(keys(second).now).not.toBe(keys(first).now);
  });

  it('by the same turns while an agent is at work on the last', () => {
    const underWay = [...second, model('calling'), { role: 'tool', content: 'ok' }];
    expect(keys(underWay).before).toBe(keys(second).now);
    expect(keys(underWay).now).toBe(keys(second).now);
  });

  it.each<[string, Parameters<typeof keys>[1]]>([
    ['the header', { named: 'c1' }],
    ['the key of the prompt cache', { body: { prompt_cache_key: 'c1' } }],
  ])('by %s and how it began, whatever came then', (_case, how) => {
    const { before, now } = keys(first, how);
    expect(before).toBe(now);
    expect(keys(second, how)).toMatchObject({ before, now });
    expect(keys(second, { named: 'c2' }).now).not.toBe(now);
    expect(keys([user('write a poem'), ...second], how).before).not.toBe(now);
  });

  it.each<[string, JsonObject]>([
    ['a conversation of the Responses API', { conversation: { id: 'c1' } }],
    ['its id alone', { conversation: 'c1' }],
  ])('by %s, of which the request has the last turn only', (_case, body) => {
    const { before, now } = keys(first, { body });
    expect(before).toBe(now);
    expect(keys([user('and in Java?')], { body })).toMatchObject({ before, now });
    expect(keys(first, { body: { conversation: 'c2' } }).now).not.toBe(now);
  });

  it('by the response that the request goes on from', () => {
    const body = { previous_response_id: 'resp_1', prompt_cache_key: 'c1' };
    const { before, now } = keys([user('and in Java?')], { body, client: 'a' });
    expect(before).toBe(responseKey('a', 'resp_1'));
    expect(before).not.toBe(responseKey('b', 'resp_1'));
    expect(now).not.toBe(before);
  });

  it('by nobody else than its own client', () => {
    expect(keys(second, { client: 'key-a' }).before).not.toBe(keys(second).before);
    expect(keys(first, { named: 'c1', client: 'a' })).not.toEqual(keys(first, { named: 'c1' }));
  });

  it('by nothing where only the results of tools are there', () => {
    const only = [model('calling'), { role: 'tool', content: 'ok' }];
    expect(keys(only)).toEqual({ before: undefined, now: undefined, turn: undefined });
  });
});

describe('a human turn', () => {
  it('is another one when the same is said again', () => {
    expect(keys([...first, model('def …'), ...first]).turn).not.toBe(keys(first).turn);
  });

  it('is the same while an agent is at work on it', () => {
    expect(keys([...second, model('calling')]).turn).toBe(keys(second).turn);
  });
});
