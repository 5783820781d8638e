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
