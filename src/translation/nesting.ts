/** More than any request needs, and far less than JSON.stringify, or the function below, has stack for. */
const deepest = 500;

/** Whether a JSON value has too many levels to be written anew. */
export function nestsTooDeeply(value: unknown, depth = 0): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (depth > deepest) return true;
  if (Array.isArray(value)) return value.some((item) => nestsTooDeeply(item, depth + 1));
  // No list of members is made: this looks at every part of every translated request.
  for (const key in value) {
    if (nestsTooDeeply((value as Record<string, unknown>)[key], depth + 1)) return true;
  }
  return false;
}
