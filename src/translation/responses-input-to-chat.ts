// The Responses API lists what happened item by item; chat wants the calls of one turn in one message.
import type { JsonObject } from '../json.ts';
import { isAbsent, quoteName, readOptional } from './request-fields.ts';
import {
  type ChatPart,
  type ChatRole,
  toChatContent,
  toChatParts,
} from './responses-content-to-chat.ts';
import { readList, readObject, readString } from './responses-fields.ts';
import { Untranslatable } from './untranslatable.ts';

type Turn =
  | { readonly kind: 'message'; readonly message: JsonObject }
  | { readonly kind: 'assistant'; readonly parts: ChatPart[]; readonly calls: JsonObject[] };

/**
 * The messages of a chat for `instructions` and `input` of a request to the Responses API. Reasoning is left out: it is
 * encrypted for the provider that wrote it. Throws Untranslatable.
 * https://platform.openai.com/docs/api-reference/responses/create
 */
export function toChatMessages(instructions: unknown, input: unknown): JsonObject[] {
  const turns: Turn[] = [];
  const system = readOptional(readString, instructions, 'instructions');
  if (system !== undefined) {
    turns.push({ kind: 'message', message: { role: 'system', content: system } });
  }

  if (isAbsent(input)) throw new Untranslatable('`input` is missing');
  const turnsBefore = turns.length;
  const items = typeof input === 'string' ? [{ role: 'user', content: input }] : input;
  for (const [index, item] of readList(items, 'input').entries()) {
    addItem(turns, readObject(item, `input[${index}]`), `input[${index}]`);
  }
  if (turns.length === turnsBefore) throw new Untranslatable('`input` is empty');
  return turns.map(toChatMessage);
}

function addItem(turns: Turn[], item: JsonObject, name: string): void {
  // Messages and references may come without their type; only messages have a role.
  const impliedType = isAbsent(item['role']) ? 'item_reference' : 'message';
  const type = readOptional(readString, item['type'], `${name}.type`) ?? impliedType;
  switch (type) {
    case 'message':
      addMessage(turns, item, name);
      return;
    case 'function_call':
      addCall(turns, item, name);
      return;
    case 'function_call_output':
      turns.push({ kind: 'message', message: toToolMessage(item, name) });
      return;
    case 'reasoning':
      return;
    case 'item_reference':
      throw new Untranslatable(
        '`item_reference` needs a provider that keeps responses: with `store: false`, clients send items in full',
      );
    default:
      throw new Untranslatable(`items of type ${quoteName(type)} have no equivalent there`);
  }
}

function addMessage(turns: Turn[], item: JsonObject, name: string): void {
  const role = toChatRole(item['role'], `${name}.role`);
  const parts = toChatParts(item['content'], role, `${name}.content`);
  if (role !== 'assistant') {
    turns.push({ kind: 'message', message: { role, content: toChatContent(parts) } });
    return;
  }
  // In a chat nothing may stand between the calls and their outputs, so text after them joins them.
  const last = turns.at(-1);
  if (last?.kind === 'assistant' && last.calls.length > 0) {
    for (const part of parts) last.parts.push(part);
    return;
  }
  turns.push({ kind: 'assistant', parts, calls: [] });
}

function addCall(turns: Turn[], item: JsonObject, name: string): void {
  const call = {
    id: readString(item['call_id'], `${name}.call_id`),
    type: 'function',
    function: {
      name: readString(item['name'], `${name}.name`),
      arguments: readString(item['arguments'], `${name}.arguments`),
    },
  };
  const last = turns.at(-1);
  if (last?.kind === 'assistant') last.calls.push(call);
  else turns.push({ kind: 'assistant', parts: [], calls: [call] });
}

function toToolMessage(item: JsonObject, name: string): JsonObject {
  return {
    role: 'tool',
    tool_call_id: readString(item['call_id'], `${name}.call_id`),
    content: toChatContent(toChatParts(item['output'], 'tool', `${name}.output`)),
  };
}

function toChatMessage(turn: Turn): JsonObject {
  if (turn.kind === 'message') return turn.message;
  const { parts, calls } = turn;
  if (calls.length === 0) return { role: 'assistant', content: toChatContent(parts) };
  const content = parts.length === 0 ? null : toChatContent(parts);
  return { role: 'assistant', content, tool_calls: calls };
}

function toChatRole(value: unknown, name: string): ChatRole {
  const role = readString(value, name);
  switch (role) {
    case 'user':
    case 'assistant':
    case 'system':
      return role;
    // Compatible servers don't know the newer name.
    case 'developer':
      return 'system';
    default:
      throw new Untranslatable(`messages of role ${quoteName(role)} have no equivalent there`);
  }
}
