/** A message as far as routing reads it; everything else in it passes through untouched. */
export interface ChatMessage {
  readonly role: string;
  readonly content?: string | readonly ContentPart[] | null | undefined;
}

interface ContentPart {
  readonly type: string;
  readonly text?: string | undefined;
}

/** What the person wants now: the text of the last human message, or undefined when there is none. */
export function extractAsk(messages: readonly ChatMessage[]): string | undefined {
  const last = messages.findLast(({ role }) => role === 'user');
  const text = textOf(last?.content).trim();
  return text === '' ? undefined : text;
}

function textOf(content: ChatMessage['content']): string {
  if (typeof content === 'string') return content;
  return (content ?? [])
    .flatMap(({ type, text }) => (type === 'text' && text !== undefined ? [text] : []))
    .join('\n');
}

// English runs at four to five characters a token, CJK at about one: the lower end, to stay on the safe side.
const plainCharactersPerToken = 4;
const overheadPerMessage = 4;

/** A rough count of the tokens that the messages will cost, for context windows and not for bills. */
export function estimateTokens(messages: readonly ChatMessage[]): number {
  let tokens = 0;
  for (const { content } of messages) {
    const text = textOf(content);
    const beyondAscii = text.replace(/[\0-\x7f]+/g, '').length;
    tokens += (text.length - beyondAscii) / plainCharactersPerToken + beyondAscii;
    tokens += overheadPerMessage;
  }
  return Math.ceil(tokens);
}
