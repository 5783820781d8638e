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

/** In OpenAI's chats and Anthropic's Messages, then of the human and of the model in the Responses API. */
const textTypes = new Set(['text', 'input_text', 'output_text']);

/** What of a request's messages says what the person wants. */
export interface Conversation {
  /** The text of the last human turn; undefined when it has none. */
  readonly ask: string | undefined;
  /** The human turns before it, oldest first, as many as still matter. */
  readonly earlier: readonly string[];
  /** The end of what the model said before the ask; empty where the ask opens the conversation. */
  readonly reply: string;
  /** The model is at work on the ask already: it has spoken, or tools were called, since. */
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
  let positionBefore = -1;
  for (const [position, message] of messages.entries()) {
    const text = humanTextOf(message);
    if (text === undefined) continue;
    humanTurns.push(text);
    positionBefore = lastPosition;
    lastPosition = position;
  }
  const earlier = humanTurns.slice(0, -1).filter((text) => text !== '');
  return {
    ask: humanTurns.at(-1) || undefined,
    earlier: earlier.slice(-mostTurns),
    reply: lastReply(messages.slice(positionBefore + 1, Math.max(0, lastPosition))),
    isUnderWay: messages.slice(lastPosition + 1).some(isOfModel),
    humanTurns,
  };
}

/**
 * What the human says in a message: empty where it shows something without a word, undefined where nobody says
 * anything in it, since it is of somebody else, a result of tools or a note of an agent.
 */
function humanTextOf({ role, content }: ChatMessage): string | undefined {
  if (role !== 'user') return undefined;
  const text = withoutInjected(textOf(content));
  return text !== '' || isOnlyShown(content) ? text : undefined;
}

/** Images say nothing, but they are somebody's turn; beside a result of tools they belong to it. */
function isOnlyShown(content: ChatMessage['content']): boolean {
  if (!Array.isArray(content)) return false;
  const types = content.map(({ type }) => type);
  return !types.includes('tool_result') && types.some((type) => !textTypes.has(type));
}

/** Notes that agents add behind the human's turn are no work on it. */
function isOfModel({ role }: ChatMessage): boolean {
  return role === 'assistant' || role === 'tool' || role === 'function';
}

function lastReply(messages: readonly ChatMessage[]): string {
  for (const { role, content } of messages.toReversed()) {
    const text = role === 'assistant' ? textOf(content).trim() : '';
    if (text !== '') return text;
  }
  return '';
}

function textOf(content: ChatMessage['content']): string {
  if (typeof content === 'string') return content;
  return (content ?? [])
    .flatMap(({ type, text }) => (textTypes.has(type) && text !== undefined ? [text] : []))
    .join('\n');
}
