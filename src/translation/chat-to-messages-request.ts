import { asJsonObject, type JsonObject } from '../json.ts';
import { toMessagesTools } from './chat-to-messages-tools.ts';
import { toMessagesTurns } from './chat-to-messages-turns.ts';
import {
  readBoolean,
  readObject,
  readOptional,
  readString,
  refuse,
  refuseNamed,
  withoutNulls,
} from './request-fields.ts';
import type { TranslatedRequest, TranslationTarget } from './translation.ts';
import { translatedOrReason } from './untranslatable.ts';

/** Anthropic wants a limit. Every model since Claude 3.5 can write as much. */
const defaultMaxTokens = 8192;

const translatedFields = new Set(
  `messages tools tool_choice parallel_tool_calls max_completion_tokens max_tokens temperature top_p
  stop stream user reasoning_effort response_format`.split(/\s+/),
);

/** Of no consequence for the answer; `model` is set by the router. */
const droppedFields = new Set(
  `model metadata stream_options prompt_cache_key prompt_cache_retention
  safety_identifier`.split(/\s+/),
);

/** Without equivalent, and harmless only as long as they ask for what happens anyway. */
const neutralValues = new Map<string, (value: unknown) => boolean>([
  ['n', (value) => value === 1],
  ['frequency_penalty', (value) => value === 0],
  ['presence_penalty', (value) => value === 0],
  ['logprobs', (value) => value === false],
  ['top_logprobs', (value) => value === 0],
  ['logit_bias', (value) => Object.keys(asJsonObject(value) ?? { none: 0 }).length === 0],
  ['modalities', (value) => Array.isArray(value) && value.length === 1 && value[0] === 'text'],
  ['verbosity', (value) => value === 'medium'],
  ['service_tier', (value) => value === 'auto' || value === 'default'],
  ['store', (value) => value === false],
]);

/**
 * A chat completion request as one for Anthropic's Messages. What can't be said there makes it
 * untranslatable, fields that nobody knows included.
 * https://platform.openai.com/docs/api-reference/chat/create
 * https://platform.claude.com/docs/en/api/messages
 */
export function toMessagesRequest(body: JsonObject, target: TranslationTarget): TranslatedRequest {
  return translatedOrReason(withoutNulls(body), (chat) => translate(chat, target));
}

function translate(chat: JsonObject, { maxOutputTokens }: TranslationTarget): JsonObject {
  for (const [name, value] of Object.entries(chat)) {
    if (translatedFields.has(name) || droppedFields.has(name)) continue;
    if (neutralValues.get(name)?.(value) !== true) refuseNamed(name);
  }
  return withoutNulls({
    ...toMessagesTurns(chat['messages']),
    // More than the model can write is refused by some, and reached by none.
    max_tokens: Math.min(
      readMaxTokens(chat) ?? maxOutputTokens ?? defaultMaxTokens,
      maxOutputTokens ?? Number.POSITIVE_INFINITY,
    ),
    ...toMessagesTools(chat),
    temperature: toTemperature(chat['temperature']),
    top_p: readNumber(chat, 'top_p', 1),
    stop_sequences: toStopSequences(chat['stop']),
    stream: readStream(chat),
    metadata: toMetadata(chat['user']),
    output_config: toOutputConfig(chat),
  });
}

function readMaxTokens(chat: JsonObject): number | undefined {
  const name = 'max_completion_tokens' in chat ? 'max_completion_tokens' : 'max_tokens';
  const value = chat[name];
  if (value === undefined) return undefined;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value > 0) return value;
  return refuse(`\`${name}\` is not a positive integer`);
}

/** Capped at 1, as by Anthropic: https://platform.claude.com/docs/en/api/openai-sdk */
function toTemperature(value: unknown): number | undefined {
  const temperature = readNumber({ temperature: value }, 'temperature', 2);
  return temperature === undefined ? undefined : Math.min(temperature, 1);
}

function readNumber(chat: JsonObject, name: string, maximum: number): number | undefined {
  const value = chat[name];
  if (value === undefined) return undefined;
  if (typeof value === 'number' && value >= 0 && value <= maximum) return value;
  return refuse(`\`${name}\` is not a number from 0 to ${maximum}`);
}

function toStopSequences(stop: unknown): string[] | undefined {
  if (stop === undefined) return undefined;
  const sequences: unknown[] = Array.isArray(stop) ? stop : [stop];
  const texts = sequences.filter((each) => typeof each === 'string');
  if (texts.length < sequences.length) return refuse('`stop` is neither text nor a list of texts');
  if (texts.some((text) => text.trim() === '')) {
    return refuse('`stop` sequences without anything but whitespace are not accepted there');
  }
  return texts.length === 0 ? undefined : texts;
}

function readStream({ stream }: JsonObject): boolean | undefined {
  return readOptional(readBoolean, stream, '`stream`');
}

function toMetadata(user: unknown): JsonObject | undefined {
  if (user === undefined) return undefined;
  return { user_id: readString(user, '`user`') };
}

function toOutputConfig(chat: JsonObject): JsonObject | undefined {
  const effort = toEffort(chat['reasoning_effort']);
  const format = toFormat(chat['response_format']);
  if (effort === undefined && format === undefined) return undefined;
  return withoutNulls({ effort, format });
}

/** https://platform.claude.com/docs/en/build-with-claude/effort; nothing means no thinking. */
function toEffort(effort: unknown): string | undefined {
  switch (effort) {
    case undefined:
    case 'none':
    case 'minimal':
      return undefined;
    case 'low':
    case 'medium':
    case 'high':
    case 'xhigh':
      return effort;
    default:
      return refuse('`reasoning_effort` has no equivalent there for this value');
  }
}

/** https://platform.claude.com/docs/en/build-with-claude/structured-outputs */
function toFormat(value: unknown): JsonObject | undefined {
  if (value === undefined) return undefined;
  const format = readObject(value, '`response_format`');
  if (format['type'] === 'text') return undefined;
  if (format['type'] !== 'json_schema') return refuseNamed(format['type']);
  const { schema, description } = asJsonObject(format['json_schema']) ?? {};
  const object = asJsonObject(schema) ?? refuse('`response_format` has no schema');
  return {
    type: 'json_schema',
    schema: typeof description === 'string' ? { description, ...object } : object,
  };
}
