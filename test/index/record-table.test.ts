import { describe, expect, it } from 'vitest';
import { createRecordTable } from '../../src/index/record-table.ts';

describe('a table of records', () => {
  it('gives back what was put in, however much comes after it', () => {
    const table = createRecordTable(4);
    for (let i = 0; i < 1_000; i += 1) table.set(`key ${i}`, Buffer.from(`${1_000 + i}`));
    expect(table.size).toBe(1_000);
    expect(table.get('key 0')?.toString()).toBe('1000');
    expect(table.get('key 999')?.toString()).toBe('1999');
    expect(table.get('key 1000')).toBeUndefined();
  });

  it('replaces what was there under the same key', () => {
    const table = createRecordTable(2);
    table.set('a', Buffer.from('aa'));
    table.set('b', Buffer.from('bb'));
    table.set('a', Buffer.from('AA'));
    expect([table.size, `${table.get('a')}`, `${table.get('b')}`]).toEqual([2, 'AA', 'bb']);
  });

  it('keeps nothing of the buffer that a record came in', () => {
    const table = createRecordTable(2);
    const record = Buffer.from('aa');
    table.reserve(10);
    table.set('a', record);
    record.fill('x');
    expect(`${table.get('a')}`).toBe('aa');
  });

  it('refuses a record of another length', () => {
    const table = createRecordTable(2);
    expect(() => table.set('a', Buffer.from('abc'))).toThrow('A record has 2 bytes, not 3.');
  });
});
