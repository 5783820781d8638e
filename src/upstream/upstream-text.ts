const maxCharacters = 300;

const secrets = new RegExp(
  [
    /\b(?:bearer|basic)\s+[^\s"',]+/, // an authorization header quoted back
    /\b(?:sk|pk|rk|gsk|hf|xai|key|nvapi|pplx|r8|AIza)[-_]?[\w*.-]{8,}/, // the providers' key prefixes
    /\b[A-Za-z0-9]{32,}\b/, // keys without a prefix
  ]
    .map((pattern) => pattern.source)
    .join('|'),
  'gi',
);

/** What a provider says, fit for our own messages: one line, no keys, at most 300 characters. */
export function toUpstreamText(text: string): string {
  const line = text
    .slice(0, 10 * maxCharacters)
    .replace(/\s+/g, ' ')
    .trim()
    .replace(secrets, '[redacted]');
  return line.length > maxCharacters ? `${line.slice(0, maxCharacters - 1)}…` : line;
}
