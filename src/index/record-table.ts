/** Records of the same length by their keys, in one piece of memory, and without an object for each. */
export interface RecordTable {
  readonly size: number;
  /** A view of it: not to be changed, nor kept for long. */
  get(key: string): Buffer | undefined;
  /** Copies it; what was there under the key is replaced. */
  set(key: string, record: Buffer): void;
  /** Makes room for so many more. */
  reserve(count: number): void;
}

const leastGrowth = 1.5;

export function createRecordTable(recordBytes: number): RecordTable {
  const rows = new Map<string, number>();
  let memory = Buffer.alloc(0);

  function makeRoom(count: number): void {
    const needed = count * recordBytes;
    if (needed <= memory.length) return;
    // What is not written yet takes no memory.
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, Math.ceil(memory.length * leastGrowth)));
    memory.copy(larger);
    memory = larger;
  }

  return {
    get size() {
      return rows.size;
    },
    get(key) {
      const row = rows.get(key);
      return row === undefined
        ? undefined
        : memory.subarray(row * recordBytes, (row + 1) * recordBytes);
    },
    set(key, record) {
      if (record.length !== recordBytes) {
        throw new RangeError(`A record has ${recordBytes} bytes, not ${record.length}.`);
      }
      const row = rows.get(key) ?? rows.size;
      makeRoom(row + 1);
      memory.set(record, row * recordBytes);
      rows.set(key, row);
    },
    reserve: (count) => makeRoom(rows.size + count),
  };
}
