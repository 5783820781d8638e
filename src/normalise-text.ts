/** What two prompts must share to count as the same: case, spacing and Unicode form don't matter. */
export function normaliseText(text: string): string {
  return text.normalize('NFKC').toLowerCase().replace(/\s+/g, ' ').trim();
}
