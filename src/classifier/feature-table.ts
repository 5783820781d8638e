/** Features by their ids. Hashes are spread evenly, so that their leading bits tell where each must stand. */
export interface FeatureTable {
  /** Ascending; where an id stands is its column. */
  readonly ids: Int32Array;
  /** By the leading bits of an id: where those that begin with them start; one longer, for where the last end. */
  readonly starts: Int32Array;
}

/** Of ids in any order, none of them twice. */
export function createFeatureTable(ids: Iterable<number>): FeatureTable {
  return tableOfSorted(Int32Array.from(ids).sort());
}

/** Keeps `ids`, which must ascend. */
export function tableOfSorted(ids: Int32Array): FeatureTable {
  const starts = new Int32Array(2 ** bitsFor(ids.length) + 1);
  for (const id of ids) {
    const next = leadingBits(id, starts) + 1;
    starts[next] = (starts[next] as number) + 1;
  }
  for (let index = 1; index < starts.length; index += 1) {
    starts[index] = (starts[index] as number) + (starts[index - 1] as number);
  }
  return { ids, starts };
}

/** The column of a feature; -1 for one that is not in the table. */
export function columnOf({ ids, starts }: FeatureTable, id: number): number {
  const bits = leadingBits(id, starts);
  const end = starts[bits + 1] as number;
  for (let column = starts[bits] as number; column < end; column += 1) {
    if (ids[column] === id) return column;
  }
  return -1;
}

/** Of so many ids about one begins alike; one bit at least, because a shift by 32 would be none. */
function bitsFor(count: number): number {
  return Math.max(1, 32 - Math.clz32(count));
}

/** Ids are signed: with the sign turned over the smallest begins with zeros. */
function leadingBits(id: number, starts: Int32Array): number {
  return (id ^ 0x80000000) >>> (Math.clz32(starts.length - 1) + 1);
}
