/** Keeps a part of something to a share of the whole, as far as the latest requests go: the later, the more they count. */
export interface ShareCap {
  /** What one more request adds to the whole. */
  add(amount: number): void;
  /** Whether the part may grow by this. */
  allows(amount: number): boolean;
  take(amount: number): void;
}

/** As much as the part can be of a sudden, after a long time without any: so many requests' worth. */
const most = 10;

/** Nothing is allowed at first: what there is a share of has to come before. */
export function createShareCap(share: number): ShareCap {
  const kept = 1 - share / most;
  let whole = 0;
  let taken = 0;
  return {
    add(amount) {
      whole = whole * kept + amount;
      taken *= kept;
    },
    allows: (amount) => taken + amount <= share * whole,
    take(amount) {
      taken += amount;
    },
  };
}
