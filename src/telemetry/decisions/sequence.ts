/** Requests of one millisecond that are told apart; 53 bits of a number then last until the year 2248. */
export const perMillisecond = 1_024;

/** The least `seq` of a time. */
export function sequenceAt(ms: number): number {
  return Math.floor(ms) * perMillisecond;
}

const radix = 36;
const form = /^[0-9a-z]{1,11}$/;

/** A cursor is opaque to clients: the place of the last decision that they have seen. */
export function toCursor(sequence: number): string {
  return sequence.toString(radix);
}

/** Undefined when it was never given out. */
export function parseCursor(cursor: string): number | undefined {
  const sequence = form.test(cursor) ? Number.parseInt(cursor, radix) : Number.NaN;
  return Number.isSafeInteger(sequence) ? sequence : undefined;
}
