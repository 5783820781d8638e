import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { retainText } from '../../../src/telemetry/decisions/text-retention.ts';
import { makeRequest } from './make-request.ts';
import { openStore } from './open-store.ts';

const prompt = `${'my secret prompt about zygomorphic flowers '.repeat(10)}THE-END`;
const settings = { text: 'excerpt', excerptCharacters: 200 } as const;

describe('what is kept of a prompt', () => {
  it('full: all of it', () => {
    expect(retainText(prompt, { ...settings, text: 'full' }).text).toBe(prompt);
  });

  it('excerpt: its first characters, and the hash of all of it', () => {
    const { text, hash } = retainText(prompt, settings);
    expect(text).toBe(prompt.slice(0, 200));
    expect(hash).not.toBe(retainText(prompt.slice(0, 200), settings).hash);
  });

  it('no character is cut in half', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }),
        fc.integer({ min: 1, max: 20 }),
        (text, count) => {
          const kept = retainText(text, { text: 'excerpt', excerptCharacters: count }).text ?? '';
          expect([...kept]).toEqual([...text.replaceAll('\0', '\ufffd')].slice(0, count));
        },
      ),
    );
  });

  it('hash: the same for prompts that differ in case and spacing only', () => {
    const one = retainText('Fix  THIS\n', { ...settings, text: 'hash' });
    expect(one).toEqual(retainText('fix this', { ...settings, text: 'hash' }));
    expect(one).toEqual({ text: null, hash: expect.stringMatching(/^[0-9a-f]{16}$/) });
  });

  it('nothing at all where there is none, or none is to be kept', () => {
    expect(retainText(prompt, { ...settings, text: 'none' })).toEqual({ text: null, hash: null });
    expect(retainText(undefined, settings)).toEqual({ text: null, hash: null });
  });

  it('what follows a NUL as well', async () => {
    const { store } = await openStore();
    store.record(makeRequest({ text: 'before\0after' }));
    expect((await store.get('dec_1'))?.text).toBe('before\ufffdafter');
  });

  it.each(['none', 'hash'] as const)(
    '%s: not a byte in any file, even where a provider quotes it',
    async (text) => {
      const { store, path } = await openStore({ settings: { text } });
      const [attempt] = makeRequest().attempts;
      if (attempt === undefined) throw new Error('A request has an attempt.');
      const attempts = [{ ...attempt, message: `bad request: ${prompt}` }];
      const recordFeatures = () => Buffer.from(prompt);
      store.record(makeRequest({ text: prompt, attempts, recordFeatures }));
      const kept = { text: null, features: null, replayable: false };
      expect(await store.get('dec_1')).toMatchObject(kept);
      const readAll = () =>
        readdirSync(dirname(path)).map((name) => readFileSync(join(dirname(path), name), 'latin1'));
      expect(readAll().join('')).toContain('dec_1');
      expect(readAll().join('')).not.toMatch(/secret|zygomorphic/);
      await store.close();
      expect(readAll().join('')).not.toMatch(/secret|zygomorphic/);
    },
  );
});
