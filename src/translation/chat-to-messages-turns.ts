import type { JsonObject } from '../json.ts';
import { toMessagesContent } from './chat-to-messages-content.ts';
import { readToolUseId, toToolUseBlock } from './chat-to-messages-tools.ts';
import { readFields, readList, refuse, refuseNamed } from './request-fields.ts';

/** What a message of each role may have; anything else in it has no equivalent. */
const messageFields = new Map([
  ['system', ['content']],
  ['developer', ['content']],
  ['user', ['content']],
  // Thinking can't be given back without the signature that a chat client never saw, and annotations
  // are the provider's own remarks about its answer.
  [
    'assistant',
    ['content', 'refusal', 'tool_calls', 'reasoning_content', 'reasoning', 'annotations'],
  ],
  // The call that `tool_call_id` points to has the name already.
  ['tool', ['content', 'tool_call_id', 'name']],
]);

interface Turn {
  readonly role: 'user' | 'assistant';
  readonly content: JsonObject[];
}

/**
 * Chat messages as Anthropic's `messages`, and `system` when there is any. Turns of one role become
 * one, since all results of a turn's tools have to stand in the next message, before its text:
 * https://platform.claude.com/docs/en/agents-and-tools/tool-use/implement-tool-use
 */
export function toMessagesTurns(messages: unknown): JsonObject {
  const system: JsonObject[] = [];
  const turns: Turn[] = [];

  for (const value of readList(messages, '`messages`')) {
    const message = readFields(value, 'a message');
    const role = readRole(message);
    if (role === 'system' || role === 'developer') {
      for (const block of toMessagesContent(message['content'], ['text'])) system.push(block);
    } else {
      addTurn(turns, role === 'assistant' ? toAssistantTurn(message) : toUserTurn(message));
    }
  }

  if (turns.length === 0) return refuse('there is no turn of a user or an assistant');
  // There it would be continued, where a chat begins a new answer.
  if (turns.at(-1)?.role === 'assistant') return refuse('an answer begun by the client');
  const merged = turns.map(({ role, content }) => ({ role, content: resultsFirst(content) }));
  return { ...toSystem(system), messages: merged };
}

function readRole(message: JsonObject): string {
  const role = message['role'];
  const fields = typeof role === 'string' ? messageFields.get(role) : undefined;
  if (typeof role !== 'string' || fields === undefined)
    return refuse('a message has no known role');
  for (const name of Object.keys(message)) {
    // `cache_control` of a whole message changes what it costs, not what is answered.
    if (name === 'role' || name === 'cache_control' || fields.includes(name)) continue;
    return refuseNamed(name);
  }
  return role;
}

function toUserTurn(message: JsonObject): Turn {
  if (message['role'] === 'tool') return { role: 'user', content: [toToolResult(message)] };
  const content = toMessagesContent(message['content'], ['text', 'image_url', 'file']);
  // Left out, it would make the turn before it the last one, and the model would continue that.
  if (content.length === 0) return refuse('a user message without content has no equivalent there');
  return { role: 'user', content };
}

function toAssistantTurn(message: JsonObject): Turn {
  const calls = readList(message['tool_calls'] ?? [], '`tool_calls`');
  return {
    role: 'assistant',
    content: [
      ...toMessagesContent(message['content'], ['text', 'refusal']),
      ...toMessagesContent(message['refusal'], []),
      ...calls.map(toToolUseBlock),
    ],
  };
}

function toToolResult(message: JsonObject): JsonObject {
  const content = toMessagesContent(message['content'], ['text', 'image_url']);
  return {
    type: 'tool_result',
    tool_use_id: readToolUseId(message['tool_call_id']),
    ...(content.length > 0 ? { content } : {}),
  };
}

function addTurn(turns: Turn[], { role, content }: Turn): void {
  if (content.length === 0) return;
  const last = turns.at(-1);
  if (last?.role !== role) turns.push({ role, content: [...content] });
  else for (const block of content) last.content.push(block);
}

function resultsFirst(content: readonly JsonObject[]): JsonObject[] {
  const isResult = ({ type }: JsonObject) => type === 'tool_result';
  return [...content.filter(isResult), ...content.filter((block) => !isResult(block))];
}

/** One text, unless a cache breakpoint needs the blocks. */
function toSystem(blocks: readonly JsonObject[]): JsonObject {
  if (blocks.length === 0) return {};
  const hasBreakpoint = blocks.some((block) => 'cache_control' in block);
  return { system: hasBreakpoint ? blocks : blocks.map(({ text }) => text).join('\n') };
}
