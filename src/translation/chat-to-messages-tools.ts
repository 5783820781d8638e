import { asJsonObject, type JsonObject, parseJsonObject } from '../json.ts';
import { toAnthropicCallId } from './call-ids.ts';
import { nestsTooDeeply } from './nesting.ts';
import {
  readBoolean,
  readList,
  readObject,
  readOptional,
  readString,
  refuse,
  refuseNamed,
  withoutNulls,
} from './request-fields.ts';

/**
 * `tools` and `tool_choice` of a chat request (without nulls) as Anthropic's; nothing without tools.
 * https://platform.claude.com/docs/en/agents-and-tools/tool-use/implement-tool-use
 */
export function toMessagesTools(chat: JsonObject): JsonObject {
  const tools = readList(chat['tools'] ?? [], '`tools`');
  const choice = toToolChoice(chat['tool_choice']);
  const isParallel = readBoolean(chat['parallel_tool_calls'] ?? true, '`parallel_tool_calls`');

  if (tools.length === 0) {
    if (choice?.type === 'any' || choice?.type === 'tool') {
      return refuse('`tool_choice` asks for a tool and there is none');
    }
    return {};
  }
  const translated = { tools: tools.map(toTool) };
  if (isParallel || choice?.type === 'none') {
    return choice === undefined ? translated : { ...translated, tool_choice: choice };
  }
  const single = { ...(choice ?? { type: 'auto' }), disable_parallel_tool_use: true };
  return { ...translated, tool_choice: single };
}

/** A call that the assistant made, as a block; some models leave the arguments empty for `{}`. */
export function toToolUseBlock(value: unknown): JsonObject {
  const call = readObject(value, 'a tool call');
  const { name, arguments: written } = readFunction(call);
  const text = readString(written, '`arguments` of a tool call');
  const input = text.trim() === '' ? {} : parseJsonObject(text);
  if (input === undefined) return refuse('the arguments of a tool call are not a JSON object');
  if (nestsTooDeeply(input)) return refuse('the arguments of a tool call nest too deeply');
  return { type: 'tool_use', id: readToolUseId(call['id']), name, input };
}

/** A conversation may have begun with another provider. */
export function readToolUseId(id: unknown): string {
  if (typeof id !== 'string' || id === '') return refuse('a tool call has no id');
  return toAnthropicCallId(id);
}

function toTool(value: unknown): JsonObject {
  const tool = readObject(value, 'a tool');
  const { name, description, parameters = {}, strict } = readFunction(tool);
  const schema = readObject(parameters, '`parameters` of a tool');
  const cacheControl = asJsonObject(tool['cache_control']);
  return {
    name,
    ...withoutNulls({
      description: readOptional(readString, description, '`description` of a tool'),
    }),
    input_schema:
      Object.keys(schema).length === 0
        ? { type: 'object', properties: {} }
        : { type: 'object', ...schema },
    // https://platform.claude.com/docs/en/agents-and-tools/tool-use/strict-tool-use
    ...(strict === true ? { strict } : {}),
    ...(cacheControl === undefined ? {} : { cache_control: cacheControl }),
  };
}

type ToolChoice =
  | { readonly type: 'auto' | 'none' | 'any' }
  | { readonly type: 'tool'; readonly name: string };

function toToolChoice(choice: unknown): ToolChoice | undefined {
  switch (choice) {
    case undefined:
      return undefined;
    case 'auto':
    case 'none':
      return { type: choice };
    case 'required':
      return { type: 'any' };
    default: {
      const object = asJsonObject(choice) ?? refuse('`tool_choice` is not one of those known');
      return { type: 'tool', name: readFunction(object).name };
    }
  }
}

/** The `function` of a tool, a call or a choice: other types of tools have no equivalent. */
function readFunction(value: JsonObject): JsonObject & { readonly name: string } {
  const { type = 'function' } = value;
  if (type !== 'function') return refuseNamed(type);
  const fields = withoutNulls(asJsonObject(value['function']) ?? {});
  const { name } = fields;
  if (typeof name !== 'string' || name === '') return refuse('a function has no name');
  return { ...fields, name };
}
