import { describe, expect, it } from 'vitest';
import { parseJsonObject } from '../../src/json.ts';
import type { Translation } from '../../src/translation/translation.ts';
import { type ClientRequest, openExchange } from '../../src/upstream/exchange.ts';
import { openModelSlot } from '../../src/upstream/splice-model.ts';
import { makeTarget } from './plan-fixture.ts';

function request(body: string): ClientRequest {
  return {
    protocol: 'chat',
    bodyFor: openModelSlot(Buffer.from(body)),
    json: parseJsonObject(body) ?? {},
    stream: false,
    headers: { 'x-request-id': 'r1' },
  };
}

const shouting: Translation = {
  request: ({ prompt }) =>
    prompt === undefined
      ? { kind: 'untranslatable', reason: 'there is no prompt' }
      : { kind: 'translated', body: { loud: String(prompt).toUpperCase(), max_tokens: 5 } },
  reply: ({ answer }) => {
    if (answer === undefined) throw new Error('no answer');
    return { quiet: String(answer).toLowerCase() };
  },
  openStream: () => ({ push: ({ data }) => [{ event: 'said', data }, { data: 'end' }] }),
};
const target = makeTarget({ protocol: 'messages', upstreamModel: 'claude' });

describe('an exchange in the client’s own protocol', () => {
  it('changes nothing but the model', () => {
    const body = '{"n":1.0, "model":"auto","x":1e400,"x":12345678901234567890}';
    const exchange = openExchange(
      request(body),
      makeTarget({ upstreamModel: 'gpt' }),
      () => shouting,
    );
    expect(exchange.body.toString()).toBe(body.replace('auto', 'gpt'));
    expect(exchange.headers).toEqual({ 'x-request-id': 'r1' });
    const reply = Buffer.from('{"a": 1.0}');
    expect(exchange.toClientBody(reply)).toBe(reply);
    const raw = Buffer.from('data: {}\r\n\r\n');
    expect(exchange.toClientFrames({ raw, event: undefined, data: '{}' })).toEqual([raw]);
  });
});

describe('an exchange across protocols', () => {
  it('translates what goes out, with the model and its limit under the provider’s names', () => {
    const client = request('{"prompt":"hi"}');
    const exchange = openExchange(client, target, () => shouting);
    expect(exchange.body.toString()).toBe('{"model":"claude","loud":"HI","max_tokens":5}');
    expect(exchange.headers).toEqual({});
    const renamed = { ...target, maxTokensField: 'max_completion_tokens' };
    expect(openExchange(client, renamed, () => shouting).body.toString()).toBe(
      '{"model":"claude","loud":"HI","max_completion_tokens":5}',
    );
  });

  it('translates what comes back, whole or event by event', () => {
    const exchange = openExchange(request('{"prompt":"hi"}'), target, () => shouting);
    expect(exchange.toClientBody(Buffer.from('{"answer":"YES"}')).toString()).toBe(
      '{"quiet":"yes"}',
    );
    const raw = Buffer.from('');
    const frames = exchange.toClientFrames({ raw, event: undefined, data: '1' });
    expect(frames.map(String)).toEqual(['event: said\ndata: 1\n\n', 'data: end\n\n']);
    expect(exchange.toClientFrames({ raw, event: undefined, data: undefined })).toEqual([]);
  });

  it('takes a reply that makes no sense for a broken one', () => {
    const exchange = openExchange(request('{"prompt":"hi"}'), target, () => shouting);
    expect(() => exchange.toClientBody(Buffer.from('{}'))).toThrow(
      expect.objectContaining({ name: 'BrokenReplyError' }),
    );
  });

  it('is a mistake of ours where there is no translation', () => {
    expect(() => openExchange(request('{}'), target, () => shouting)).toThrow('can not be put');
    expect(() => openExchange(request('{}'), target, () => undefined)).toThrow('can not be put');
  });
});
