import type { JsonObject } from '../json.ts';
import { toReasoningEffort, toResponseFormat } from './anthropic-output-to-chat.ts';
import { toChatTools } from './anthropic-tools-to-chat.ts';
import { toChatTurns, toSystemTurns } from './anthropic-turns-to-chat.ts';
import {
  noEquivalent,
  quoteName,
  readBoolean,
  readFields,
  readList,
  readNumber,
  readString,
  withoutNulls,
} from './request-fields.ts';
import type { TranslatedRequest, TranslationTarget } from './translation.ts';
import { translatedOrReason, Untranslatable } from './untranslatable.ts';

/** Everything else is refused: what isn't known here would be lost without a word. */
const translatedFields = new Set([
  'model',
  'system',
  'messages',
  'tools',
  'tool_choice',
  'max_tokens',
  'temperature',
  'top_p',
  'stop_sequences',
  'stream',
  'metadata',
  'service_tier',
  'thinking',
  'output_config',
  'output_format',
  'context_management',
  // A hint on what to keep: the answer is the same without.
  'cache_control',
]);

/** OpenAI's limit, see `stop` in https://platform.openai.com/docs/api-reference/chat/create. */
const maxStops = 4;

/** OpenAI refuses longer ones. Who asks changes no answer, so those are left out. */
const maxUserLength = 64;

/**
 * A request for chat completions that means the same as one for Messages
 * (https://platform.claude.com/docs/en/api/messages), or the first reason why there is none.
 * The limit is sent as `max_tokens`, the name that every server knows.
 */
export function toChatRequest(body: JsonObject, target: TranslationTarget): TranslatedRequest {
  return translatedOrReason(withoutNulls(body), (fields) => convert(fields, target));
}

function convert(body: JsonObject, { maxOutputTokens }: TranslationTarget): JsonObject {
  const unknown = Object.keys(body).find((name) => !translatedFields.has(name));
  if (unknown !== undefined) throw noEquivalent(quoteName(unknown));
  checkServiceTier(body['service_tier']);
  checkContextManagement(body['context_management']);

  return {
    messages: [...toSystemTurns(body['system']), ...toChatTurns(body['messages'])],
    ...toChatTools(body['tools'], body['tool_choice']),
    ...toLimit(body['max_tokens'], maxOutputTokens),
    ...toSampling(body),
    ...toStop(body['stop_sequences']),
    ...toStream(body['stream']),
    ...toUser(body['metadata']),
    ...toReasoningEffort(body['thinking'], body['output_config']),
    ...toResponseFormat(body['output_config'], body['output_format']),
  };
}

/** No more than the model can write: some refuse a higher limit, and none would reach it. */
function toLimit(value: unknown, maxOutputTokens = Number.POSITIVE_INFINITY): JsonObject {
  if (value === undefined) return {};
  const limit = readNumber(value, '`max_tokens`');
  // Only fills the cache at Anthropic.
  if (limit === 0) throw noEquivalent('`max_tokens` of 0');
  return { max_tokens: Math.min(limit, maxOutputTokens) };
}

function toSampling(body: JsonObject): JsonObject {
  const given = ['temperature', 'top_p'].filter((name) => body[name] !== undefined);
  return Object.fromEntries(given.map((name) => [name, readNumber(body[name], `\`${name}\``)]));
}

function toStop(value: unknown): JsonObject {
  if (value === undefined) return {};
  const stop = readList(value, '`stop_sequences`').map((each) =>
    readString(each, 'one of `stop_sequences`'),
  );
  if (stop.length > maxStops) {
    throw new Untranslatable(`\`stop_sequences\` has more than the ${maxStops} possible there`);
  }
  return stop.length === 0 ? {} : { stop };
}

function toStream(value: unknown): JsonObject {
  if (value === undefined || !readBoolean(value, '`stream`')) return {};
  // Anthropic's streams always tell the usage; OpenAI's do when asked.
  return { stream: true, stream_options: { include_usage: true } };
}

function toUser(value: unknown): JsonObject {
  if (value === undefined) return {};
  const user = readFields(value, '`metadata`')['user_id'];
  if (user === undefined || readString(user, '`metadata.user_id`').length > maxUserLength)
    return {};
  return { user };
}

/** Thinking is left out anyway, so that clearing it from the history changes nothing. */
function checkContextManagement(value: unknown): void {
  if (value === undefined) return;
  const edits = readList(readFields(value, '`context_management`')['edits'] ?? [], 'its edits');
  for (const edit of edits) {
    const { type } = readFields(edit, 'an edit of `context_management`');
    if (String(type).startsWith('clear_thinking_')) continue;
    throw noEquivalent(`\`context_management\` ${quoteName(type)}`);
  }
}

/** Both tiers are about Anthropic's own capacity. */
function checkServiceTier(tier: unknown): void {
  if (tier === undefined || tier === 'auto' || tier === 'standard_only') return;
  throw noEquivalent(`\`service_tier\` ${quoteName(tier)}`);
}
