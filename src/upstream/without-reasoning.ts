import { asJsonObject, type JsonObject } from '../json.ts';
import type { Protocol } from '../protocol.ts';

/** Where a protocol keeps what a model thought before, which only its own provider can read and check. */
const keptIn: Partial<Record<Protocol, 'messages' | 'input'>> = {
  chat: 'messages',
  messages: 'messages',
  responses: 'input',
};
const blocks = new Set<unknown>(['thinking', 'redacted_thinking']);
const fields = ['reasoning', 'reasoning_content', 'reasoning_details'] as const;

/** What a provider can read of what models thought before: all, what they thought since the human spoke, or none. */
export type ReadableReasoning = 'all' | 'current' | 'none';

/**
 * The request without what models thought that this provider did not make: signatures and encrypted parts of another
 * one are refused. Undefined where there is nothing to leave out.
 */
export function withoutReasoning(
  protocol: Protocol,
  body: JsonObject,
  readable: ReadableReasoning,
): JsonObject | undefined {
  const key = keptIn[protocol];
  const turns = key === undefined || readable === 'all' ? undefined : body[key];
  if (key === undefined || !Array.isArray(turns)) return undefined;
  const keptFrom = readable === 'current' ? turns.findLastIndex(isHuman) : turns.length;
  const left = turns.flatMap((turn, at) => (at < keptFrom ? strip(turn) : [turn]));
  const isSame = left.length === turns.length && left.every((turn, at) => turn === turns[at]);
  return isSame ? undefined : { ...body, [key]: left };
}

/** The same turn where it holds nothing of the kind; none where it holds nothing else. */
function strip(turn: unknown): unknown[] {
  const message = asJsonObject(turn);
  if (message === undefined) return [turn];
  if (message['type'] === 'reasoning') return [];
  if (message['role'] !== 'assistant') return [turn];
  const bare = fields.some((field) => field in message)
    ? Object.fromEntries(Object.entries(message).filter(([name]) => !isField(name)))
    : message;
  const { content } = message;
  if (!Array.isArray(content)) return [bare];
  const rest = content.filter((part) => !blocks.has(asJsonObject(part)?.['type']));
  if (rest.length === content.length) return [bare];
  return rest.length === 0 ? [] : [{ ...bare, content: rest }];
}

/** Anthropic's results of tools come in the human's name, and agents put notes beside them: no new turn begins there. */
function isHuman(turn: unknown): boolean {
  const { role, content } = asJsonObject(turn) ?? {};
  if (role !== 'user') return false;
  return !Array.isArray(content) || content.every((part) => part?.type !== 'tool_result');
}

function isField(name: string): boolean {
  return fields.some((field) => field === name);
}
