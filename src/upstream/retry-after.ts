/**
 * How long the provider asks to wait, in milliseconds: `retry-after-ms`, or `retry-after` in
 * seconds or as an HTTP date. Undefined when it says nothing that can be understood.
 */
export function parseRetryAfterMs(
  headers: Readonly<Record<string, string>>,
  nowMs: number,
): number | undefined {
  const milliseconds = toNumber(headers['retry-after-ms']);
  if (milliseconds !== undefined) return milliseconds;
  const retryAfter = headers['retry-after'];
  const seconds = toNumber(retryAfter);
  if (seconds !== undefined) return seconds * 1000;

  // Date.parse takes almost anything for a date; every form of an HTTP date begins with a weekday.
  if (retryAfter === undefined || !/^\s*[A-Z][a-z]{2,8}[, ]/.test(retryAfter)) return undefined;
  const dateMs = Date.parse(retryAfter);
  return Number.isNaN(dateMs) ? undefined : Math.max(0, dateMs - nowMs);
}

function toNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\s*\d{1,12}(\.\d+)?\s*$/.test(text) ? Number(text) : undefined;
}
