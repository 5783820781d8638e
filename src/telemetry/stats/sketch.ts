/** A histogram whose buckets grow with the value: any quantile to within 1 % of its value, in a few hundred counters. */
export interface Sketch {
  readonly count: number;
  readonly sum: number;
  /** Adds a value of zero or more; anything else is left out. */
  add(value: number): void;
  merge(other: Sketch): void;
  /** The value that the share `q` of all values does not exceed; undefined while there are none. */
  quantile(q: number): number | undefined;
  /** Bucket by bucket, for merging. */
  buckets(): Iterable<readonly [number, number]>;
}

const accuracy = 0.01;
const growth = (1 + accuracy) / (1 - accuracy);
const logGrowth = Math.log(growth);
/** What is smaller counts as this: a microsecond where values are milliseconds. */
const smallest = 1e-3;

/** After DDSketch (Masson et al. 2019), which bounds the relative error and merges without losing it. */
export function createSketch(): Sketch {
  const counts = new Map<number, number>();
  let count = 0;
  let sum = 0;

  function addTo(bucket: number, more: number): void {
    counts.set(bucket, (counts.get(bucket) ?? 0) + more);
  }

  return {
    get count() {
      return count;
    },
    get sum() {
      return sum;
    },
    add(value) {
      if (!(value >= 0 && value < Number.POSITIVE_INFINITY)) return;
      addTo(Math.ceil(Math.log(Math.max(value, smallest)) / logGrowth), 1);
      count += 1;
      sum += value;
    },
    merge(other) {
      for (const [bucket, more] of other.buckets()) addTo(bucket, more);
      count += other.count;
      sum += other.sum;
    },
    quantile(q) {
      if (count === 0) return undefined;
      let rank = Math.floor(q * (count - 1));
      for (const [bucket, inBucket] of [...counts].sort(([a], [b]) => a - b)) {
        // The middle of the bucket, in the sense of relative error.
        if (rank < inBucket) return (2 * growth ** bucket) / (growth + 1);
        rank -= inBucket;
      }
      return undefined;
    },
    buckets: () => counts,
  };
}
