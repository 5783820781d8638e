import { describe, expect, it } from 'vitest';
import { withoutInjected } from '../../../src/routing/conversation/injected-blocks.ts';

describe('what agents add to a message', () => {
  it.each([
    ['notes before', '<system-reminder>\nToday is…\n</system-reminder>\n\nrename it', 'rename it'],
    ['notes after', 'rename it <environment_details>\nfiles\n</environment_details>', 'rename it'],
    ['notes with attributes', '<attached_files n="2">x</attached_files>rename it', 'rename it'],
    ['several notes', '<bash-stdout>a</bash-stdout>b<bash-stderr>c</bash-stderr>d', 'bd'],
    ['a wrapper', '<user_info>Linux</user_info><user_query>rename it</user_query>', 'rename it'],
    ['text around a wrapper', 'Context: 5 files. <task>rename it</task> Be brief.', 'rename it'],
    [
      'an empty wrapper',
      '<command-args></command-args>rename it',
      '<command-args></command-args>rename it',
    ],
    [
      'a command',
      '<command-name>/fix</command-name><command-args>the test</command-args>',
      'the test',
    ],
    [
      'instructions of a project',
      '# AGENTS.md instructions for /a\n\n<INSTRUCTIONS>x</INSTRUCTIONS>',
      '',
    ],
    [
      'what a tool gave, in the name of the human',
      "[execute_command for 'npm test'] Result:\nCommand executed.\nOutput:\n3 failed",
      '',
    ],
    [
      'a result around a comment on it',
      '[attempt_completion] Result:\nThe user has a comment.\n<feedback>\nrename it\n</feedback>',
      'rename it',
    ],
  ])('is left out: %s', (_case, text, expected) => {
    expect(withoutInjected(text)).toBe(expected);
  });

  it.each([
    ['no tags', ' a < b and b > c '],
    ['markup that the human pasted', 'why is <div class="a"><b>x</b></div> not bold?'],
    ['a block that never ends', '<system-reminder> is a tag, </b> too'],
    ['a block that ends before it begins', '</system-reminder> then <system-reminder>'],
  ])('is nothing in a text with %s', (_case, text) => {
    expect(withoutInjected(text)).toBe(text.trim());
  });

  it.each([
    ['the same name', ['<system-reminder>']],
    ['one name in many spellings', spellings('environment_details').map((name) => `<${name}>`)],
  ])('is found in time, however many blocks of %s never end', (_case, tags) => {
    const hostile = tags.join('').repeat(Math.ceil(4_000_000 / tags.join('').length));
    const startedAtMs = performance.now();
    expect(withoutInjected(`${hostile}</b>`)).toBe(`${hostile}</b>`);
    expect(performance.now() - startedAtMs).toBeLessThan(1_000);
  });
});

/** Four thousand of them. */
function spellings(name: string): string[] {
  return Array.from({ length: 4_096 }, (_, bits) =>
    [...name].map((sign, at) => ((bits >> at) & 1 ? sign.toUpperCase() : sign)).join(''),
  );
}
