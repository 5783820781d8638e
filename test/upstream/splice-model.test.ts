import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RouterError } from '../../src/errors.ts';
import { openModelSlot } from '../../src/upstream/splice-model.ts';

function splice(body: string, model = 'new'): string {
  return openModelSlot(Buffer.from(body))(model).toString();
}

function hash(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function errorOf(body: string): RouterError {
  try {
    splice(body);
  } catch (error) {
    if (error instanceof RouterError) return error;
    throw error;
  }
  throw new Error('it was accepted');
}

describe('the slot of the model', () => {
  it('changes the bytes of the value and no others', () => {
    const before = Buffer.from(
      '\ufeff \r\n\t{ "temperature" : 1.0, "seed":12345678901234567890,"x":1e400,\n"metadata":' +
        '{"model":"inner","a":1,"a":2,"10":0,"2":0}, "messages":[{"content":"\\u00e9 é 😀 \\ud83d \\" \\\\"}], ',
    );
    const after = Buffer.from(' , "model ":"not me","stream" : true }\n\n');
    const body = Buffer.concat([before, Buffer.from('"model": "auto"'), after]);
    const spliced = openModelSlot(body)('gpt "5"');
    const expected = Buffer.concat([before, Buffer.from('"model": "gpt \\"5\\""'), after]);
    expect(hash(spliced)).toBe(hash(expected));
  });

  it('keeps bytes that are not UTF-8', () => {
    const body = Buffer.concat([
      Buffer.from('{"a":"'),
      Buffer.from([0xff, 0xfe, 0xc3]),
      Buffer.from('","model":"m"}'),
    ]);
    expect(openModelSlot(body)('m').equals(body)).toBe(true);
  });

  it('knows the key however it is escaped', () => {
    expect(splice('{"\\u006dodel":"auto"}')).toBe('{"\\u006dodel":"new"}');
    expect(splice('{"\\u006d\\u006f\\u0064\\u0065\\u006c":"auto"}')).toContain('"new"');
  });

  it.each([
    ['{"model":null,"a":1}', '{"model":"new","a":1}'],
    ['{"model":{"a":[1,"}"]}}', '{"model":"new"}'],
    ['{"model":-1.5e3 }', '{"model":"new" }'],
    ['{"a":"\\\\","model":"x"}', '{"a":"\\\\","model":"new"}'],
    ['{"a":"\\"model\\":","model":"x"}', '{"a":"\\"model\\":","model":"new"}'],
  ])('replaces the value in %s', (body, expected) => {
    expect(splice(body)).toBe(expected);
  });

  it('inserts a missing model in front', () => {
    expect(splice('{"a":1}')).toBe('{"model":"new","a":1}');
    expect(splice(' { } ')).toBe(' {"model":"new" } ');
  });

  it('refuses a model that is named twice, also in disguise', () => {
    for (const body of ['{"model":"a","model":"b"}', '{"model":"a","x":{},"mod\\u0065l":"a"}']) {
      expect(errorOf(body)).toMatchObject({ code: 'invalid_request', param: 'model' });
    }
  });

  it.each([
    '',
    ' ',
    '[]',
    '"model"',
    '{',
    '{"a"',
    '{"a":',
    '{"a":1',
    '{"a":1,}',
    '{"a" 1}',
    '{a:1}',
    '{"a":[1}',
    '{"a":"\\',
    '{"a":"',
    '{"\\x":1}',
  ])('refuses %j', (body) => {
    expect(errorOf(body)).toMatchObject({ code: 'invalid_request' });
  });

  it('agrees with JSON.parse on every object', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.string(), (object, model) => {
        const text = JSON.stringify(object, undefined, 1);
        expect(JSON.parse(splice(text, model))).toEqual({ ...JSON.parse(text), model });
      }),
    );
  });

  it('survives nesting deeper than any stack', () => {
    const depth = 4_000_000;
    const deep = `${'['.repeat(depth)}${']'.repeat(depth)}`;
    expect(splice(`{"a":${deep},"model":"x"}`)).toBe(`{"a":${deep},"model":"new"}`);
  });

  it('takes time in proportion to the body, whatever it is made of', () => {
    for (const filler of ['x', '\\"', '\\\\']) {
      const body = Buffer.from(`{"a":"${filler.repeat((32 << 20) / filler.length)}","model":"x"}`);
      const startedAt = performance.now();
      openModelSlot(body)('new');
      // Some 50 ms; anything quadratic would take hours.
      expect(performance.now() - startedAt).toBeLessThan(3_000);
    }
  });
});
