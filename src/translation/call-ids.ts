// Other servers write ids of tool calls, `functions.f:0` say, that Anthropic refuses: it takes letters, digits, `_` and
// `-` only. A conversation may be with both, so that such an id goes to Anthropic and its clients in a form that can be
// read back: the server that wrote it gets its own again, and call and result match whoever is asked.

const mark = 'enc64_';

/** The same id wherever it is valid already. */
export function toAnthropicCallId(id: string): string {
  return /^[\w-]*$/.test(id) ? id : `${mark}${Buffer.from(id).toString('base64url')}`;
}

/** The id that `toAnthropicCallId` made this one of. */
export function fromAnthropicCallId(id: string): string {
  if (!id.startsWith(mark)) return id;
  const original = Buffer.from(id.slice(mark.length), 'base64url').toString();
  return toAnthropicCallId(original) === id ? original : id;
}
