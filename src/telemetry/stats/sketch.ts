/**
 * A histogram whose buckets grow with the value: any quantile to within 1 % of its value, for values from a thousandth to
 * a thousand million. It has a counter for every bucket between its least and its greatest value: about 1,000 from a microsecond
 * to five minutes, about 300 from a tenth of a second to half a minute.
 */
export interface Sketch {
  readonly count: number;
  /** Adds a value of zero or more; anything else is left out. */
  add(value: number): void;
  merge(other: Sketch): void;
  /** The value that the share `q` of all values does not exceed; undefined while there are none. */
  quantile(q: number): number | undefined;
  /** For merging. */
  buckets(): Buckets;
}

interface Buckets {
  /** The number of the first bucket. */
  readonly first: number;
  readonly counts: Uint32Array;
}

const accuracy = 0.01;
const growth = (1 + accuracy) / (1 - accuracy);
const logGrowth = Math.log(growth);
/** What is smaller or larger counts as this: where values are milliseconds, a microsecond and eleven days. */
const smallest = 1e-3;
const largest = 1e9;
/** Room is made for so many buckets at a time. */
const stride = 16;

/** After DDSketch (Masson et al. 2019), which bounds the relative error and merges without losing it. */
export function createSketch(): Sketch {
  let first = 0;
  let counts = new Uint32Array(0);
  let count = 0;

  function makeRoom(from: number, to: number): void {
    const isEmpty = counts.length === 0;
    const end = first + counts.length;
    if (!isEmpty && from >= first && to <= end) return;
    const newFirst = Math.floor((isEmpty ? from : Math.min(from, first)) / stride) * stride;
    const newEnd = Math.ceil((isEmpty ? to : Math.max(to, end)) / stride) * stride;
    const larger = new Uint32Array(newEnd - newFirst);
    if (!isEmpty) larger.set(counts, first - newFirst);
    first = newFirst;
    counts = larger;
  }

  return {
    get count() {
      return count;
    },
    add(value) {
      if (!(value >= 0 && value < Number.POSITIVE_INFINITY)) return;
      const measured = Math.min(Math.max(value, smallest), largest);
      const bucket = Math.ceil(Math.log(measured) / logGrowth);
      makeRoom(bucket, bucket + 1);
      counts[bucket - first] = (counts[bucket - first] ?? 0) + 1;
      count += 1;
    },
    merge(other) {
      if (other.count === 0) return;
      const theirs = other.buckets();
      makeRoom(theirs.first, theirs.first + theirs.counts.length);
      const offset = theirs.first - first;
      for (let index = 0; index < theirs.counts.length; index += 1) {
        counts[offset + index] = (counts[offset + index] ?? 0) + (theirs.counts[index] ?? 0);
      }
      count += other.count;
    },
    quantile(q) {
      if (count === 0) return undefined;
      let rank = Math.floor(q * (count - 1));
      for (const [index, inBucket] of counts.entries()) {
        // The middle of the bucket, in the sense of relative error.
        if (rank < inBucket) return (2 * growth ** (first + index)) / (growth + 1);
        rank -= inBucket;
      }
      return undefined;
    },
    buckets: () => ({ first, counts }),
  };
}
