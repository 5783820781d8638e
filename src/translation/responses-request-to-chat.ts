import type { JsonObject } from '../json.ts';
import { type Reader, readOptional, refuseNamed, withoutNulls } from './request-fields.ts';
import {
  readBoolean,
  readList,
  readNumber,
  readObject,
  readString,
  refuseOthers,
} from './responses-fields.ts';
import { toChatMessages } from './responses-input-to-chat.ts';
import { toChatTextSettings } from './responses-text-to-chat.ts';
import { toChatTools } from './responses-tools-to-chat.ts';
import type { TranslatedRequest } from './translation.ts';
import { translatedOrReason, Untranslatable } from './untranslatable.ts';

/** What a field that is there adds to the chat request. */
type FieldReader = Reader<JsonObject>;

const fields: ReadonlyMap<string, FieldReader> = new Map<string, FieldReader>([
  ['model', drop(readString)],
  // Read together, because each depends on the others.
  ...['instructions', 'input', 'tools', 'tool_choice', 'parallel_tool_calls'].map(
    (name): [string, FieldReader] => [name, () => ({})],
  ),

  ['temperature', keep(readNumber)],
  ['top_p', keep(readNumber)],
  ['user', keep(readString)],
  // The newer `max_completion_tokens` is unknown to many compatible servers.
  ['max_output_tokens', (value, name) => ({ max_tokens: readNumber(value, name) })],
  ['reasoning', readReasoning],
  ['text', toChatTextSettings],
  ['stream', readStream],

  // Hints that change no answer, and that strict servers refuse to know.
  ['safety_identifier', drop(readString)],
  ['prompt_cache_key', drop(readString)],
  ['prompt_cache_retention', drop(readString)],
  // Only the answer shows it.
  ['metadata', drop(readObject)],
  ['stream_options', drop(readObject)],
  ['include', readInclude],
  ['service_tier', allow(readString, ['auto', 'default'])],
  ['truncation', allow(readString, ['disabled'])],
  ['top_logprobs', allow(readNumber, [0])],

  ['store', refuseTrue('needs a provider that keeps responses')],
  ['background', refuseTrue('needs a provider that keeps responses')],
  [
    'previous_response_id',
    refuse(
      'needs a provider that keeps responses: with `store: false`, clients send the conversation in full',
    ),
  ],
  ['conversation', refuse('needs a provider that keeps conversations')],
  ['prompt', refuse('needs a provider that keeps prompts')],
]);

/**
 * A request to the Responses API as one for chat completions, without `model`; untranslatable when it asks for state,
 * for tools that the provider runs, or for anything that is unknown here.
 * https://platform.openai.com/docs/api-reference/responses/create
 * https://platform.openai.com/docs/api-reference/chat/create
 */
export function toChatRequest(body: JsonObject): TranslatedRequest {
  return translatedOrReason(withoutNulls(body), (given) => {
    const settings = Object.entries(given).map(([name, value]) => readField(name, value));
    const messages = toChatMessages(given['instructions'], given['input']);
    return Object.assign({ messages }, toChatTools(given), ...settings);
  });
}

function readField(name: string, value: unknown): JsonObject {
  const read = fields.get(name);
  return read === undefined ? refuseNamed(name) : read(value, name);
}

function readReasoning(value: unknown, name: string): JsonObject {
  const reasoning = readObject(value, name);
  // A chat has no place for summaries; to leave them out changes no answer.
  refuseOthers(reasoning, ['effort', 'summary', 'generate_summary'], name);
  return withoutNulls({
    reasoning_effort: readOptional(readString, reasoning['effort'], 'reasoning.effort'),
  });
}

/** Without the option a chat's stream says nothing of usage, which the last event must hold. */
function readStream(value: unknown, name: string): JsonObject {
  return readBoolean(value, name) ? { stream: true, stream_options: { include_usage: true } } : {};
}

function readInclude(value: unknown, name: string): JsonObject {
  for (const [index, entry] of readList(value, name).entries()) {
    const wanted = readString(entry, `${name}[${index}]`);
    // Worth nothing to a client whose reasoning is never sent on.
    if (wanted !== 'reasoning.encrypted_content') refuseNamed(`${name}: ${wanted}`);
  }
  return {};
}

function keep(read: Reader<unknown>): FieldReader {
  return (value, name) => ({ [name]: read(value, name) });
}

function drop(read: Reader<unknown>): FieldReader {
  return allow(read);
}

/** What means the same as nothing at all; any value when no `values` are given. */
function allow<T>(read: Reader<T>, values?: readonly T[]): FieldReader {
  return (value, name) => {
    const setting = read(value, name);
    if (values?.includes(setting) === false) refuseNamed(`${name}: ${setting}`);
    return {};
  };
}

function refuse(why: string): FieldReader {
  return (_value, name) => {
    throw new Untranslatable(`\`${name}\` ${why}`);
  };
}

function refuseTrue(why: string): FieldReader {
  return (value, name) => (readBoolean(value, name) ? refuse(why)(value, name) : {});
}
