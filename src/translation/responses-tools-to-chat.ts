import { asJsonObject, type JsonObject } from '../json.ts';
import { isAbsent, noEquivalent, quoteName, readOptional, withoutNulls } from './request-fields.ts';
import { readBoolean, readList, readObject, readString, refuseOthers } from './responses-fields.ts';
import { Untranslatable } from './untranslatable.ts';

const functionFields = ['type', 'name', 'description', 'parameters', 'strict'];

/**
 * `tools`, `tool_choice` and `parallel_tool_calls` of a chat for those of a request to the Responses API. Throws
 * Untranslatable for all tools but functions: the provider would have to run them.
 * https://platform.openai.com/docs/api-reference/responses/create
 */
export function toChatTools(body: JsonObject): JsonObject {
  const tools = (readOptional(readList, body['tools'], 'tools') ?? []).map((tool, index) =>
    toChatTool(readObject(tool, `tools[${index}]`), `tools[${index}]`),
  );
  const choice = toChatToolChoice(body['tool_choice']);
  const isParallel = readOptional(readBoolean, body['parallel_tool_calls'], 'parallel_tool_calls');

  // Chat refuses an empty list, and settings for tools without any; here both are allowed.
  if (tools.length > 0) {
    return withoutNulls({ tools, tool_choice: choice, parallel_tool_calls: isParallel });
  }
  if (choice === undefined || choice === 'auto' || choice === 'none') return {};
  throw new Untranslatable('`tool_choice` demands a tool, and there are no `tools`');
}

function toChatTool(tool: JsonObject, path: string): JsonObject {
  const type = readString(tool['type'], `${path}.type`);
  if (type !== 'function') {
    throw new Untranslatable(`tools of type ${quoteName(type)} have no equivalent there`);
  }
  refuseOthers(tool, functionFields, path);
  return {
    type,
    function: withoutNulls({
      name: readString(tool['name'], `${path}.name`),
      description: readOptional(readString, tool['description'], `${path}.description`),
      parameters: readOptional(readObject, tool['parameters'], `${path}.parameters`),
      strict: readOptional(readBoolean, tool['strict'], `${path}.strict`),
    }),
  };
}

function toChatToolChoice(value: unknown): string | JsonObject | undefined {
  if (isAbsent(value)) return undefined;
  if (value === 'auto' || value === 'none' || value === 'required') return value;
  const choice = asJsonObject(value);
  if (choice?.['type'] === 'function') {
    return { type: 'function', function: { name: readString(choice['name'], 'tool_choice.name') } };
  }
  const type = choice === undefined ? value : choice['type'];
  throw noEquivalent(`\`tool_choice\` ${quoteName(type)}`);
}
