import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/json.ts';
import { fromAnthropicCallId, toAnthropicCallId } from '../../src/translation/call-ids.ts';
import { createChatOverMessages } from '../../src/translation/chat-over-messages.ts';
import { messagesOverChat } from '../../src/translation/messages-over-chat.ts';
import type { Translation } from '../../src/translation/translation.ts';

const chatOverMessages = createChatOverMessages({ now: () => 0 });
const foreign = 'functions.weather:0';
const valid = /^[a-zA-Z0-9_-]+$/;

const call = {
  id: foreign,
  type: 'function',
  function: { name: 'weather', arguments: '{"city":"Bern"}' },
};

function put({ request }: Translation, messages: JsonObject[]): unknown {
  const translated = request({ messages, max_tokens: 9 }, { maxOutputTokens: undefined });
  if (translated.kind !== 'translated') throw new Error(translated.reason);
  return translated.body['messages'];
}

/** The id in what an Anthropic client gets of this call. */
function idInReply(): unknown {
  const completion = { choices: [{ message: { tool_calls: [call] } }] };
  const [block] = messagesOverChat.reply(completion, {})['content'] as JsonObject[];
  return block?.['id'];
}

function idInStream(): unknown {
  const delta = { tool_calls: [{ index: 0, ...call }] };
  const data = JSON.stringify({ choices: [{ delta }] });
  const frames = messagesOverChat.openStream({}).push({ data });
  const started = frames.find(({ event }) => event === 'content_block_start');
  return JSON.parse(started?.data ?? '{}').content_block.id;
}

describe('the id of a call that Anthropic would refuse', () => {
  it('is valid for its clients, in replies as in streams', () => {
    expect(idInReply()).toMatch(valid);
    expect(idInStream()).toBe(idInReply());
  });

  it('is again what its server wrote when the client sends call and result', () => {
    const id = idInReply();
    const messages = put(messagesOverChat, [
      { role: 'assistant', content: [{ type: 'tool_use', id, name: 'weather', input: {} }] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: id, content: 'rain' }] },
    ]);
    expect(messages).toMatchObject([{ tool_calls: [{ id: foreign }] }, { tool_call_id: foreign }]);
  });

  it('matches its result where Anthropic goes on with a chat', () => {
    const messages = put(chatOverMessages, [
      { role: 'user', content: 'How is it?' },
      { role: 'assistant', tool_calls: [call] },
      { role: 'tool', tool_call_id: foreign, content: 'rain' },
    ]);
    expect(messages).toMatchObject([
      {},
      { content: [{ type: 'tool_use', id: idInReply() }] },
      { content: [{ type: 'tool_result', tool_use_id: idInReply() }] },
    ]);
  });

  it('can be read back whatever it is, and a valid one stays', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (id) => {
        expect(toAnthropicCallId(id)).toMatch(valid);
        expect(fromAnthropicCallId(toAnthropicCallId(id))).toBe(id);
      }),
    );
    for (const id of ['toolu_01A-b', 'call_1', 'enc64_', 'enc64_not-ours']) {
      expect(toAnthropicCallId(id)).toBe(id);
      expect(fromAnthropicCallId(id)).toBe(id);
    }
  });
});
