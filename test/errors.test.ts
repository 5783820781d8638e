import { describe, expect, it } from 'vitest';
import { messageOf } from '../src/errors.ts';

describe('the message of what was thrown', () => {
  it.each([
    [new Error('an error'), 'an error'],
    [{ message: 'its class was lost', code: 'SQLITE_CORRUPT' }, 'its class was lost'],
    ['a text', 'a text'],
    [undefined, 'undefined'],
    [{ message: 5 }, '[object Object]'],
  ])('is found: %o', (thrown, message) => {
    expect(messageOf(thrown)).toBe(message);
  });
});
