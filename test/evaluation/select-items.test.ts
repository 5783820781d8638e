import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { promptId, selectItems } from '../../src/evaluation/select-items.ts';
import type { TestItem } from '../../src/evaluation/test-set.ts';
import { makeTempDirectory } from '../support/temp-directory.ts';

const item = (content: string): TestItem => ({
  id: content,
  messages: [{ role: 'user', content }],
  className: 'a',
  accepted: new Set(['a']),
});
const items = ['one', 'two', 'three'].map(item);

describe('a file of prompt ids', () => {
  it('keeps the prompts it names, or leaves them out, in their order', () => {
    const file = join(makeTempDirectory(), 'some.ids');
    writeFileSync(file, `${promptId(item('three'))}\n${promptId(item('one'))}\n`);
    const kept = selectItems(items, { file, keeps: true });
    expect(kept.map(({ id }) => id)).toEqual(['one', 'three']);
    const others = selectItems(items, { file, keeps: false });
    expect(others.map(({ id }) => id)).toEqual(['two']);
  });

  it('names a prompt whatever its spacing', () => {
    expect(promptId(item('  one\n'))).toBe(promptId(item('one')));
  });
});
