import { createHash } from 'node:crypto';

/** SHA-256 of several texts, in base64url. Each has its length before it, so that no two lists look alike. */
export function hashTexts(texts: readonly string[]): string {
  const digest = createHash('sha256');
  for (const text of texts) digest.update(`${text.length}:`).update(text);
  return digest.digest('base64url');
}
