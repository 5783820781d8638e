import { InvalidArgumentError } from 'commander';

/** The value of an option that counts something. */
export function parseCount(text: string): number {
  const count = Number(text);
  if (/^\d{1,9}$/.test(text) && count > 0) return count;
  throw new InvalidArgumentError('expected a positive whole number');
}
