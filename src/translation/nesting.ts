/** More than any request needs, and far less than JSON.stringify has stack for. */
const deepest = 500;

/** Whether a JSON value has too many levels to be written anew. A level at a time, as calls would run out of stack. */
export function nestsTooDeeply(value: unknown): boolean {
  let level = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > deepest) return true;
    level = level.flatMap(nestedIn);
  }
  return false;
}

function nestedIn(value: unknown): unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).filter((member) => typeof member === 'object');
}
