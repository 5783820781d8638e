const allowed = new Set([
  'content-type',
  'openai-processing-ms',
  'openai-version',
  'retry-after',
  'retry-after-ms',
]);

/** The provider's headers that a client may see: never cookies, never whose account it is, and our own request id. */
export function toClientHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  const visible: Record<string, string> = {};
  for (const name in headers) if (isVisible(name)) visible[name] = headers[name] ?? '';
  return visible;
}

function isVisible(name: string): boolean {
  return (
    allowed.has(name) || name.startsWith('x-ratelimit-') || name.startsWith('anthropic-ratelimit-')
  );
}
