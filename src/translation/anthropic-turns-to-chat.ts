import type { JsonObject } from '../json.ts';
import {
  readBlocks,
  toContentParts,
  toPlainText,
  unknownBlock,
} from './anthropic-content-to-chat.ts';
import { toToolMessage } from './anthropic-tool-results-to-chat.ts';
import { fromAnthropicCallId } from './call-ids.ts';
import { noEquivalent, quoteName, readFields, readList, readString } from './request-fields.ts';
import { Untranslatable } from './untranslatable.ts';

/** The system prompt as one message, or none where there is no text. Throws Untranslatable. */
export function toSystemTurns(system: unknown): JsonObject[] {
  return system === undefined ? [] : toSystemTurn(system, '`system`');
}

/**
 * The messages of a conversation: one or several of OpenAI's for each of Anthropic's
 * (https://platform.claude.com/docs/en/api/messages). Throws Untranslatable.
 */
export function toChatTurns(messages: unknown): JsonObject[] {
  const turns = readList(messages, '`messages`').map((turn) => readFields(turn, 'a message'));
  if (turns.length === 0) throw new Untranslatable('`messages` is empty');
  // Anthropic goes on with it word by word; OpenAI would begin another answer.
  if (turns.at(-1)?.['role'] === 'assistant') throw noEquivalent('an answer begun by the client');
  return turns.flatMap(toChatTurn);
}

function toChatTurn({ role, content }: JsonObject): JsonObject[] {
  switch (role) {
    case 'system':
      return toSystemTurn(content, '`content` of a message');
    case 'user':
      return toUserTurns(readBlocks(content, '`content` of a message'));
    case 'assistant':
      return toAssistantTurn(readBlocks(content, '`content` of a message'));
    default:
      throw noEquivalent(`a message of role ${quoteName(role)}`);
  }
}

/** Blocks are paragraphs of one prompt, and not every server takes a list of parts here. */
function toSystemTurn(content: unknown, what: string): JsonObject[] {
  const text = readBlocks(content, what).map(toPlainText).join('\n\n');
  return text === '' ? [] : [{ role: 'system', content: text }];
}

/** OpenAI wants the results right after the calls, before anything else that the user says. */
function toUserTurns(blocks: readonly JsonObject[]): JsonObject[] {
  const isResult = (block: JsonObject) => block['type'] === 'tool_result';
  const results = blocks.filter(isResult).map(toToolMessage);
  const rest = blocks.filter((block) => !isResult(block)).flatMap(toContentParts);
  const parts = [...results.flatMap(({ attachments }) => attachments), ...rest];
  const turns = results.map(({ message }) => message);
  if (parts.length === 0) return turns;
  const [only] = parts;
  const isPlain = parts.length === 1 && only?.['type'] === 'text';
  return [...turns, { role: 'user', content: isPlain ? only['text'] : parts }];
}

function toAssistantTurn(blocks: readonly JsonObject[]): JsonObject[] {
  let text = '';
  const calls: JsonObject[] = [];
  for (const block of blocks) {
    switch (block['type']) {
      case 'text':
        text += toPlainText(block);
        break;
      case 'tool_use':
        calls.push(toToolCall(block));
        break;
      // Signed by Anthropic for Anthropic: worth nothing to another provider.
      case 'thinking':
      case 'redacted_thinking':
        break;
      default:
        throw unknownBlock(block);
    }
  }
  if (calls.length > 0) {
    return [{ role: 'assistant', content: text === '' ? null : text, tool_calls: calls }];
  }
  return text === '' ? [] : [{ role: 'assistant', content: text }];
}

function toToolCall({ id, name, input }: JsonObject): JsonObject {
  readFields(input, '`input` of a `tool_use` block');
  return {
    id: fromAnthropicCallId(readString(id, '`id` of a `tool_use` block')),
    type: 'function',
    function: {
      name: readString(name, '`name` of a `tool_use` block'),
      arguments: JSON.stringify(input),
    },
  };
}
