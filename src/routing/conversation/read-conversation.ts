import { mostTurns } from '../../classifier/context-vector.ts';
import { withoutInjected } from './injected-blocks.ts';

/** A message as far as routing reads it; everything else in it passes through untouched. */
export interface ChatMessage {
  readonly role: string;
  readonly content?: string | readonly ContentPart[] | null | undefined;
}

interface ContentPart {
  readonly type: string;
  readonly text?: string | undefined;
}

/** What of a request's messages says what the person wants. */
export interface Conversation {
  /** The text of the last human turn; undefined when it has none. */
  readonly ask: string | undefined;
  /** The human turns before it, oldest first, as many as still matter. */
  readonly earlier: readonly string[];
  /** The end of what the model said before the ask; empty where the ask opens the conversation. */
  readonly reply: string;
  /** The model is at work on the ask already: tools were called since. */
  readonly isUnderWay: boolean;
  /** Every human turn, the ask included; images only are an empty text. */
  readonly humanTurns: readonly string[];
}

/**
 * Finds the human's turns: without the system prompt, tool results, and what agents add to the human's messages. Where
 * the last messages are calls and results of tools, the ask is the human turn that started them.
 */
export function readConversation(messages: readonly ChatMessage[]): Conversation {
  const humanTurns: string[] = [];
  let lastPosition = -1;
  for (const [position, { role, content }] of messages.entries()) {
    if (role !== 'user' || isOfTools(content)) continue;
    const text = withoutInjected(textOf(content));
    // Images say nothing, but they are somebody's turn; notes of an agent are nobody's.
    if (text === '' && !hasOtherThanText(content)) continue;
    humanTurns.push(text);
    lastPosition = position;
  }
  const earlier = humanTurns.slice(0, -1).filter((text) => text !== '');
  return {
    ask: humanTurns.at(-1) || undefined,
    earlier: earlier.slice(-mostTurns),
    reply: replyBefore(messages, lastPosition),
    isUnderWay: lastPosition !== -1 && lastPosition < messages.length - 1,
    humanTurns,
  };
}

/** Anthropic's results of tools come in the human's name. */
function isOfTools(content: ChatMessage['content']): boolean {
  if (typeof content === 'string' || content === null || content === undefined) return false;
  const types = content.map(({ type }) => type);
  return (
    types.includes('tool_result') &&
    !content.some(({ type, text = '' }) => {
      return type === 'text' && withoutInjected(text) !== '';
    })
  );
}

function hasOtherThanText(content: ChatMessage['content']): boolean {
  return (
    Array.isArray(content) && content.some(({ type }) => !['text', 'tool_result'].includes(type))
  );
}

/** The last thing that the model said to the human before this place. */
function replyBefore(messages: readonly ChatMessage[], position: number): string {
  for (let index = position - 1; index >= 0; index -= 1) {
    const message = messages[index];
    if (message?.role === 'user' && !isOfTools(message.content)) break;
    const text = message?.role === 'assistant' ? textOf(message.content).trim() : '';
    if (text !== '') return text;
  }
  return '';
}

function textOf(content: ChatMessage['content']): string {
  if (typeof content === 'string') return content;
  return (content ?? [])
    .flatMap(({ type, text }) => (type === 'text' && text !== undefined ? [text] : []))
    .join('\n');
}
