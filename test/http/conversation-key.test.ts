import { describe, expect, it } from 'vitest';
import { askHash, conversationKeys } from '../../src/http/conversation-key.ts';
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
    ['a conversation of the Responses API', { body: { conversation: { id: 'c1' } } }],
    ['its id alone', { body: { conversation: 'c1' } }],
    ['the key of the prompt cache', { body: { prompt_cache_key: 'c1' } }],
  ])('by %s, whatever its turns are', (_case, how) => {
    const { before, now } = keys(first, how);
    expect(before).toBe(now);
    expect(keys(second, how)).toEqual({ before, now });
    expect(keys(second, { named: 'c2' }).now).not.toBe(now);
  });

  it('by nobody else than its own client', () => {
    expect(keys(second, { client: 'key-a' }).before).not.toBe(keys(second).before);
    expect(keys(first, { named: 'c1', client: 'a' })).not.toEqual(keys(first, { named: 'c1' }));
  });
});

describe('a human turn', () => {
  it('is another one when the same is said again', () => {
    const again = [...first, model('def …'), ...first];
    expect(askHash(readConversation(again))).not.toBe(askHash(readConversation(first)));
  });
});
