import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { columnOf, createFeatureTable } from '../../src/classifier/feature-table.ts';

const id = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
/** Also some that begin alike, which hashes seldom do. */
const ids = fc.uniqueArray(fc.oneof(id, fc.integer({ min: -20, max: 20 })), { maxLength: 200 });

describe('a table of features', () => {
  it('finds each at a column of its own, whatever the order in which they came', () => {
    fc.assert(
      fc.property(ids, (known) => {
        const table = createFeatureTable(known);
        const columns = known.map((each) => columnOf(table, each));
        expect(columns.toSorted((a, b) => a - b)).toEqual([...known.keys()]);
        expect(createFeatureTable(known.toReversed())).toEqual(table);
      }),
    );
  });

  it('finds no other', () => {
    fc.assert(
      fc.property(ids, id, (known, other) => {
        fc.pre(!known.includes(other));
        expect(columnOf(createFeatureTable(known), other)).toBe(-1);
      }),
    );
    expect(columnOf(createFeatureTable([]), 7)).toBe(-1);
  });

  it.each([-(2 ** 31), -1, 0, 1, 2 ** 31 - 1])('finds %d among its like', (extreme) => {
    const table = createFeatureTable([-(2 ** 31), -1, 0, 1, 2 ** 31 - 1]);
    expect(table.ids[columnOf(table, extreme)]).toBe(extreme);
  });
});
