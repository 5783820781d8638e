import type { JsonObject } from '../json.ts';
import {
  noEquivalent,
  quoteName,
  readBoolean,
  readFields,
  readList,
  readString,
} from './request-fields.ts';
import { Untranslatable } from './untranslatable.ts';

/** The last three say how to send or keep a tool, which doesn't change what it is. */
const toolFields = new Set([
  'type',
  'name',
  'description',
  'input_schema',
  'strict',
  'cache_control',
  'defer_loading',
  'eager_input_streaming',
]);

/**
 * `tools`, `tool_choice` and `parallel_tool_calls`
 * (https://platform.claude.com/docs/en/agents-and-tools/tool-use/overview). Tools that Anthropic
 * runs or defines exist nowhere else. Throws Untranslatable.
 */
export function toChatTools(tools: unknown, choice: unknown): JsonObject {
  const list = tools === undefined ? [] : readList(tools, '`tools`').map(toFunctionTool);
  const chosen = choice === undefined ? {} : toToolChoice(choice);
  if (list.length > 0) return { tools: list, ...chosen };

  // OpenAI takes neither an empty list nor a choice without tools.
  const { tool_choice: withoutTools = 'none' } = chosen;
  if (withoutTools === 'auto' || withoutTools === 'none') return {};
  throw new Untranslatable('`tool_choice` asks for a tool where there is none');
}

function toFunctionTool(value: unknown): JsonObject {
  const tool = readFields(value, 'one of `tools`');
  const { type = 'custom', description, strict } = tool;
  if (type !== 'custom') throw noEquivalent(`a tool of type ${quoteName(type)}`);
  const unknown = Object.keys(tool).find((field) => !toolFields.has(field));
  if (unknown !== undefined) throw noEquivalent(`${quoteName(unknown)} of a tool`);

  const { input_schema: parameters } = tool;
  readFields(parameters, '`input_schema` of a tool');
  return {
    type: 'function',
    function: {
      name: readString(tool['name'], '`name` of a tool'),
      ...(description !== undefined && {
        description: readString(description, '`description` of a tool'),
      }),
      parameters,
      ...(strict !== undefined && { strict: readBoolean(strict, '`strict` of a tool') }),
    },
  };
}

function toToolChoice(value: unknown): JsonObject {
  const choice = readFields(value, '`tool_choice`');
  const oneAtATime = choice['disable_parallel_tool_use'] ?? false;
  return {
    tool_choice: toChoice(choice),
    ...(readBoolean(oneAtATime, '`disable_parallel_tool_use`') && { parallel_tool_calls: false }),
  };
}

function toChoice({ type, name }: JsonObject): unknown {
  switch (type) {
    case 'auto':
    case 'none':
      return type;
    case 'any':
      return 'required';
    case 'tool':
      return { type: 'function', function: { name: readString(name, '`tool_choice.name`') } };
    default:
      throw noEquivalent(`\`tool_choice\` of type ${quoteName(type)}`);
  }
}
