import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/json.ts';
import { composeTranslations } from '../../src/translation/compose-translations.ts';
import type { Translation } from '../../src/translation/translation.ts';

/** Writes its name into all that passes, and doubles every event. */
function createNaming(name: string): Translation {
  return {
    request(body, { maxOutputTokens }) {
      if (body['refused'] === name) return { kind: 'untranslatable', reason: `${name} refuses` };
      const limit = maxOutputTokens === undefined ? {} : { [`${name} limit`]: maxOutputTokens };
      return { kind: 'translated', body: { ...body, ...limit, request: add(body['request']) } };
    },
    reply: (body, request) => ({ reply: add(body['reply']), for: [body['for'], request] }),
    openStream(request) {
      let count = 0;
      const next = () => {
        count += 1;
        return count;
      };
      return {
        push: ({ data }) =>
          [1, 2].map(() => ({ data: `${data} ${name}${next()}/${request['request']}` })),
      };
    },
  };

  function add(before: unknown): string {
    return `${before}>${name}`;
  }
}

const composed = composeTranslations(createNaming('outer'), createNaming('inner'));
const request: JsonObject = { request: 'client' };
const between: JsonObject = { request: 'client>outer' };

describe('composeTranslations', () => {
  it('translates requests from the client’s side to the provider’s, for the same target', () => {
    expect(composed.request(request, { maxOutputTokens: 7 })).toEqual({
      kind: 'translated',
      body: { request: 'client>outer>inner', 'outer limit': 7, 'inner limit': 7 },
    });
  });

  it.each(['outer', 'inner'])('says why the %s one refuses', (name) => {
    const refused = composed.request({ refused: name }, { maxOutputTokens: undefined });
    expect(refused).toEqual({ kind: 'untranslatable', reason: `${name} refuses` });
  });

  it('translates replies on the way back, each for the request that it belongs to', () => {
    expect(composed.reply({ reply: 'provider' }, request)).toEqual({
      reply: 'provider>inner>outer',
      for: [[undefined, between], request],
    });
  });

  it('feeds every event of the inner stream into the outer', () => {
    const stream = composed.openStream(request);
    expect(stream.push({ data: 'a' }).map(({ data }) => data)).toEqual([
      'a inner1/client>outer outer1/client',
      'a inner1/client>outer outer2/client',
      'a inner2/client>outer outer3/client',
      'a inner2/client>outer outer4/client',
    ]);
    expect(stream.push({ data: 'b' })[0]?.data).toBe('b inner3/client>outer outer5/client');
  });

  it('throws for the reply to a request that it refuses', () => {
    const refused = { refused: 'outer' };
    expect(() => composed.reply({}, refused)).toThrow('outer refuses');
    expect(() => composed.openStream(refused)).toThrow('outer refuses');
  });
});
