import { describe, expect, it, vi } from 'vitest';
import { rememberLast } from '../../src/routing/remember-last.ts';

const basis = {};

describe('remembered outcomes', () => {
  it('are found again for the same texts under the same basis', () => {
    const { recall } = rememberLast<object>();
    const find = vi.fn(() => ({}));
    const first = recall(['reply', 'ask'], basis, find);
    expect(recall(['reply', 'ask'], basis, find)).toBe(first);
    expect(recall(['replya', 'sk'], basis, find)).not.toBe(first);
    expect(recall(['reply', 'ask'], {}, find)).not.toBe(first);
    expect(find).toHaveBeenCalledTimes(3);
  });

  it('are few where their texts are large, so that those take no memory', () => {
    const { recall } = rememberLast<object>();
    const find = vi.fn(() => ({}));
    const large = Array.from({ length: 20 }, (_, index) => [`${index}${'x'.repeat(1024 * 1024)}`]);
    for (const texts of large) recall(texts, basis, find);
    expect(find).toHaveBeenCalledTimes(20);
    recall(large.at(-1) ?? [], basis, find);
    expect(find).toHaveBeenCalledTimes(20);
    recall(large[0] ?? [], basis, find);
    expect(find).toHaveBeenCalledTimes(21);
  });

  it('are none where one alone is too large', () => {
    const { recall } = rememberLast<object>();
    const find = vi.fn(() => ({}));
    const huge = ['x'.repeat(9 * 1024 * 1024)];
    recall(huge, basis, find);
    recall(huge, basis, find);
    expect(find).toHaveBeenCalledTimes(2);
  });
});
