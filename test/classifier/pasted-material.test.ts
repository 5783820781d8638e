import { describe, expect, it } from 'vitest';
import { shortenMaterial } from '../../src/classifier/pasted-material.ts';
import { toViews } from '../../src/classifier/views.ts';

const code = Array.from({ length: 60 }, (_, line) => `const value${line} = compute(${line});`);
const block = (lines: readonly string[]) => `\`\`\`ts\n${lines.join('\n')}\n\`\`\``;
const quote = Array.from({ length: 40 }, (_, line) => `> This is line ${line} of the mail.`);

describe('material that somebody pasted', () => {
  it('is cut to its beginning where it is code, so that the request is read at both ends', () => {
    const text = `Why is this slow?\n${block(code)}`;
    const shortened = shortenMaterial(text);
    expect(shortened).toMatch(/^Why is this slow\?\n```ts\nconst value0 = compute\(0\);/);
    expect(shortened.length).toBeLessThan(160);
    expect(toViews(text)).toEqual([shortened]);
  });

  it('is cut to its beginning where it is a quote', () => {
    const shortened = shortenMaterial(
      `Answer this mail:\n\n${quote.join('\n')}\n\nDecline politely.`,
    );
    expect(shortened).toMatch(/^Answer this mail:\n\n> This is line 0 /);
    expect(shortened).toMatch(/ …\n\nDecline politely\.$/);
    expect(shortened).not.toContain('line 20');
  });

  it.each([
    ['short code', `Why?\n${block(code.slice(0, 5))}\n${'It must be faster. '.repeat(30)}`],
    ['a block that never ends', `Why?\n\`\`\`\n${code.join('\n')}`],
    ['prose', 'This is a long story about a mail. '.repeat(40)],
  ])('stays whole where it is %s', (_case, text) => {
    expect(shortenMaterial(text)).toBe(text);
  });

  it('is found in time in a text of megabytes', () => {
    const text = `Fix it.\n${'```\n> a\n'.repeat(2_000_000)}\nNow.`;
    const shortened = shortenMaterial(text);
    expect(shortened).toMatch(/^Fix it\./);
    expect(shortened).toMatch(/Now\.$/);
    expect(shortened.length).toBeLessThan(50_000);
  });
});
